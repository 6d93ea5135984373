package syntax

// The texts of refusals. They say what the client could have done instead, or why nothing is.
const (
	noCompression = "compression is not available through this proxy"
	noURLs        = "message URLs are not available through this proxy"
	noConversion  = "conversion is not available through this proxy"
	noReferral    = "referrals are not available through this proxy"
	noJMAP        = "other access than by IMAP is not available through this proxy"
)

// rows is the table of commands, in the order of their names. It has a row for each command of RFC 3501, RFC 9051 and the
// registered extensions, and for XLIST. A command without a row is unknown, and policy should expect the worst of it.
var rows = [...]Info{
	{Name: "APPEND", RFC: "RFC 9051 6.3.12", States: afterLogin, Treatment: Pass, parse: (*parser).append},
	{
		Name: "AUTHENTICATE", RFC: "RFC 9051 6.2.2", States: beforeLogin, Success: Authenticated, Barrier: true,
		Treatment: Pass, parse: (*parser).authenticate,
	},
	{
		Name: "CANCELUPDATE", RFC: "RFC 5267 4.3.5", States: whileSelected,
		Capability: "CONTEXT=", Treatment: Pass, parse: (*parser).cancelUpdate,
	},
	{Name: "CAPABILITY", RFC: "RFC 9051 6.1.1", States: anyState, Treatment: Pass, parse: (*parser).nothing},
	{Name: "CHECK", RFC: "RFC 3501 6.4.1", States: whileSelected, Treatment: Pass, parse: (*parser).nothing},
	{
		Name: "CLOSE", RFC: "RFC 9051 6.4.1", States: whileSelected, Success: Authenticated, Barrier: true,
		Treatment: Pass, parse: (*parser).nothing,
	},
	{
		Name: "COMPARATOR", RFC: "RFC 5255 4.7", States: afterLogin,
		Capability: "I18NLEVEL=", Treatment: Pass, parse: (*parser).comparator,
	},
	{
		Name: "COMPRESS", RFC: "RFC 4978 3", States: anyState, Barrier: true,
		Capability: "COMPRESS=", Treatment: Refuse, Why: noCompression, parse: (*parser).compress,
	},
	{
		Name: "CONVERSIONS", RFC: "RFC 5259 5.1", States: afterLogin,
		Capability: "CONVERT", Treatment: Refuse, Why: noConversion, parse: (*parser).conversions,
	},
	{
		Name: "CONVERT", RFC: "RFC 5259 6", States: whileSelected,
		Capability: "CONVERT", Treatment: Refuse, Why: noConversion, Sections: true, parse: (*parser).convert,
	},
	{Name: "COPY", RFC: "RFC 9051 6.4.7", States: whileSelected, Treatment: Pass, parse: (*parser).copy},
	{Name: "CREATE", RFC: "RFC 9051 6.3.4", States: afterLogin, Treatment: Pass, parse: (*parser).create},
	{Name: "DELETE", RFC: "RFC 9051 6.3.5", States: afterLogin, Treatment: Pass, parse: (*parser).oneMailbox},
	{
		Name: "DELETEACL", RFC: "RFC 4314 3.2", States: afterLogin,
		Capability: "ACL", Treatment: Pass, parse: (*parser).mailboxIdentifier,
	},
	// RFC 5161 section 3.1 wants ENABLE before any mailbox is selected, and lets servers not check.
	{
		Name: "ENABLE", RFC: "RFC 9051 6.3.1", States: afterLogin, Barrier: true,
		Capability: "ENABLE", also: rev2, Treatment: Pass, parse: (*parser).enable,
	},
	{
		Name: "ESEARCH", RFC: "RFC 7377 2", States: afterLogin,
		Capability: "MULTISEARCH", Treatment: Pass, parse: (*parser).esearch,
	},
	{
		Name: "EXAMINE", RFC: "RFC 9051 6.3.3", States: afterLogin, Success: Selected, Failure: Authenticated, Barrier: true,
		Treatment: Pass, parse: (*parser).selectMailbox,
	},
	{Name: "EXPUNGE", RFC: "RFC 9051 6.4.3", States: whileSelected, Treatment: Pass, parse: (*parser).nothing},
	{Name: "FETCH", RFC: "RFC 9051 6.4.5", States: whileSelected, Treatment: Pass, Sections: true, parse: (*parser).fetch},
	{
		Name: "GENURLAUTH", RFC: "RFC 4467", States: afterLogin,
		Capability: "URLAUTH", Treatment: Refuse, Why: noURLs, parse: (*parser).genURLAuth,
	},
	{Name: "GETACL", RFC: "RFC 4314 3.3", States: afterLogin, Capability: "ACL", Treatment: Pass, parse: (*parser).oneMailbox},
	{
		Name: "GETJMAPACCESS", RFC: "RFC 9698", States: afterLogin,
		Capability: "JMAPACCESS", Treatment: Refuse, Why: noJMAP, parse: (*parser).nothing,
	},
	{
		Name: "GETMETADATA", RFC: "RFC 5464 4.2", States: afterLogin,
		Capability: "METADATA", also: "METADATA-SERVER", Treatment: Pass, parse: (*parser).getMetadata,
	},
	{
		Name: "GETQUOTA", RFC: "RFC 9208 4.1.1", States: afterLogin,
		Capability: "QUOTA", Treatment: Pass, parse: (*parser).getQuota,
	},
	{
		Name: "GETQUOTAROOT", RFC: "RFC 9208 4.1.2", States: afterLogin,
		Capability: "QUOTA", Treatment: Pass, parse: (*parser).oneMailbox,
	},
	{Name: "ID", RFC: "RFC 2971 3.1", States: anyState, Capability: "ID", Treatment: Pass, parse: (*parser).id},
	{
		Name: "IDLE", RFC: "RFC 9051 6.3.13", States: afterLogin, Barrier: true,
		Capability: "IDLE", also: rev2, Treatment: Pass, parse: (*parser).nothing,
	},
	{
		Name: "LANGUAGE", RFC: "RFC 5255 3.2", States: anyState,
		Capability: "LANGUAGE", Treatment: Pass, parse: (*parser).language,
	},
	{Name: "LIST", RFC: "RFC 9051 6.3.9", States: afterLogin, Treatment: Pass, parse: (*parser).list},
	{
		Name: "LISTRIGHTS", RFC: "RFC 4314 3.4", States: afterLogin,
		Capability: "ACL", Treatment: Pass, parse: (*parser).mailboxIdentifier,
	},
	{
		Name: "LOGIN", RFC: "RFC 9051 6.2.3", States: beforeLogin, Success: Authenticated, Barrier: true,
		Treatment: Pass, parse: (*parser).login,
	},
	{
		Name: "LOGOUT", RFC: "RFC 9051 6.1.3", States: anyState, Success: Logout, Barrier: true,
		Treatment: Pass, parse: (*parser).nothing,
	},
	{Name: "LSUB", RFC: "RFC 3501 6.3.9", States: afterLogin, Treatment: Pass, parse: (*parser).lsub},
	{
		Name: "MOVE", RFC: "RFC 9051 6.4.8", States: whileSelected,
		Capability: "MOVE", also: rev2, Treatment: Pass, parse: (*parser).copy,
	},
	{
		Name: "MYRIGHTS", RFC: "RFC 4314 3.5", States: afterLogin,
		Capability: "ACL", Treatment: Pass, parse: (*parser).oneMailbox,
	},
	{
		Name: "NAMESPACE", RFC: "RFC 9051 6.3.10", States: afterLogin,
		Capability: "NAMESPACE", also: rev2, Treatment: Pass, parse: (*parser).nothing,
	},
	{Name: "NOOP", RFC: "RFC 9051 6.1.2", States: anyState, Treatment: Pass, parse: (*parser).nothing},
	{
		Name: "NOTIFY", RFC: "RFC 5465 3.1", States: afterLogin,
		Capability: "NOTIFY", Treatment: Pass, Sections: true, parse: (*parser).notify,
	},
	{Name: "RENAME", RFC: "RFC 9051 6.3.6", States: afterLogin, Treatment: Pass, parse: (*parser).rename},
	{
		Name: "REPLACE", RFC: "RFC 8508 3.2", States: whileSelected,
		Capability: "REPLACE", Treatment: Pass, parse: (*parser).replace,
	},
	{
		Name: "RESETKEY", RFC: "RFC 4467", States: afterLogin,
		Capability: "URLAUTH", Treatment: Refuse, Why: noURLs, parse: (*parser).resetKey,
	},
	{
		Name: "RLIST", RFC: "RFC 2193 5.1", States: afterLogin,
		Capability: "MAILBOX-REFERRALS", Treatment: Refuse, Why: noReferral, parse: (*parser).lsub,
	},
	{
		Name: "RLSUB", RFC: "RFC 2193 5.2", States: afterLogin,
		Capability: "MAILBOX-REFERRALS", Treatment: Refuse, Why: noReferral, parse: (*parser).lsub,
	},
	{Name: "SEARCH", RFC: "RFC 9051 6.4.4", States: whileSelected, Treatment: Pass, parse: (*parser).search},
	{
		Name: "SELECT", RFC: "RFC 9051 6.3.2", States: afterLogin, Success: Selected, Failure: Authenticated, Barrier: true,
		Treatment: Pass, parse: (*parser).selectMailbox,
	},
	{Name: "SETACL", RFC: "RFC 4314 3.1", States: afterLogin, Capability: "ACL", Treatment: Pass, parse: (*parser).setACL},
	{
		Name: "SETMETADATA", RFC: "RFC 5464 4.3", States: afterLogin,
		Capability: "METADATA", also: "METADATA-SERVER", Treatment: Pass, parse: (*parser).setMetadata,
	},
	{
		Name: "SETQUOTA", RFC: "RFC 9208 4.1.3", States: afterLogin,
		Capability: "QUOTASET", also: "QUOTA", Treatment: Pass, parse: (*parser).setQuota,
	},
	{
		Name: "SORT", RFC: "RFC 5256 3", States: whileSelected,
		Capability: "SORT", also: "SORT=", Treatment: Pass, parse: (*parser).sort,
	},
	{
		Name: "STARTTLS", RFC: "RFC 9051 6.2.1", States: beforeLogin, Barrier: true,
		Capability: "STARTTLS", Treatment: Own, parse: (*parser).nothing,
	},
	{Name: "STATUS", RFC: "RFC 9051 6.3.11", States: afterLogin, Treatment: Pass, parse: (*parser).status},
	{Name: "STORE", RFC: "RFC 9051 6.4.6", States: whileSelected, Treatment: Pass, parse: (*parser).store},
	{Name: "SUBSCRIBE", RFC: "RFC 9051 6.3.7", States: afterLogin, Treatment: Pass, parse: (*parser).oneMailbox},
	{Name: "THREAD", RFC: "RFC 5256 3", States: whileSelected, Capability: "THREAD=", Treatment: Pass, parse: (*parser).thread},
	{
		Name: "UID CONVERT", RFC: "RFC 5259 6", States: whileSelected,
		Capability: "CONVERT", Treatment: Refuse, Why: noConversion, Sections: true, parse: (*parser).convert,
	},
	{Name: "UID COPY", RFC: "RFC 9051 6.4.9", States: whileSelected, Treatment: Pass, parse: (*parser).copy},
	{
		Name: "UID EXPUNGE", RFC: "RFC 9051 6.4.9", States: whileSelected,
		Capability: "UIDPLUS", also: rev2, Treatment: Pass, parse: (*parser).uidExpunge,
	},
	{
		Name: "UID FETCH", RFC: "RFC 9051 6.4.9", States: whileSelected,
		Treatment: Pass, Sections: true, parse: (*parser).uidFetch,
	},
	{
		Name: "UID MOVE", RFC: "RFC 9051 6.4.9", States: whileSelected,
		Capability: "MOVE", also: rev2, Treatment: Pass, parse: (*parser).copy,
	},
	{
		Name: "UID REPLACE", RFC: "RFC 8508 3.3", States: whileSelected,
		Capability: "REPLACE", Treatment: Pass, parse: (*parser).replace,
	},
	{Name: "UID SEARCH", RFC: "RFC 9051 6.4.9", States: whileSelected, Treatment: Pass, parse: (*parser).search},
	{
		Name: "UID SORT", RFC: "RFC 5256 3", States: whileSelected,
		Capability: "SORT", also: "SORT=", Treatment: Pass, parse: (*parser).sort,
	},
	{Name: "UID STORE", RFC: "RFC 9051 6.4.9", States: whileSelected, Treatment: Pass, parse: (*parser).store},
	{
		Name: "UID THREAD", RFC: "RFC 5256 3", States: whileSelected,
		Capability: "THREAD=", Treatment: Pass, parse: (*parser).thread,
	},
	{
		Name: "UIDBATCHES", RFC: "RFC 10022", States: whileSelected,
		Capability: "UIDBATCHES", Treatment: Pass, parse: (*parser).uidBatches,
	},
	{
		Name: "UNAUTHENTICATE", RFC: "RFC 8437 3", States: afterLogin, Success: NotAuthenticated, Barrier: true,
		Capability: "UNAUTHENTICATE", Treatment: Pass, parse: (*parser).nothing,
	},
	{
		Name: "UNSELECT", RFC: "RFC 9051 6.4.2", States: whileSelected, Success: Authenticated, Barrier: true,
		Capability: "UNSELECT", also: rev2, Treatment: Pass, parse: (*parser).nothing,
	},
	{Name: "UNSUBSCRIBE", RFC: "RFC 9051 6.3.8", States: afterLogin, Treatment: Pass, parse: (*parser).oneMailbox},
	{
		Name: "URLFETCH", RFC: "RFC 4467", States: afterLogin,
		Capability: "URLAUTH", Treatment: Refuse, Why: noURLs, parse: (*parser).urlFetch,
	},
	{Name: "XLIST", RFC: "Gmail", States: afterLogin, Capability: "XLIST", Treatment: Pass, parse: (*parser).lsub},
}

// rev2 is the capability that brings, among much else, the commands that RFC 9051 added to RFC 3501.
const rev2 = "IMAP4REV2"
