package syntax

// The reasons for which a capability is not passed.
const (
	ownLiterals  = "each leg has its own literals; towards the server they are synchronizing"
	ownTLS       = "each leg has its own TLS"
	hideSight    = "the proxy could no longer read the stream"
	hideLayer    = "may add a security layer, behind which the proxy could no longer read the stream"
	hideBinding  = "bound to the TLS channel, which ends at the proxy"
	hideUTF8     = "APPEND's UTF8 data (RFC 6855 section 4) and the names in responses are not followed yet"
	hideRev2     = "once enabled, names are UTF-8 and responses differ; not followed yet"
	hideIdentity = "the user would change within a session; not followed yet"
	hideAway     = "leads the client past the proxy"
	hideForms    = "reads messages in forms that policy cannot be shown yet"
	hideGrammar  = "its grammar is not known"
	hideMessages = "more than one message in a command is not followed yet"
	hideURLs     = "gives access to messages outside the session"
	hideOthers   = "one command names several mailboxes, which policy cannot be shown yet"
	hideUIDs     = "once enabled, UIDFETCH responses take the place of FETCH; not followed yet"
)

// capabilities is the table: IANA's registry of imap-capabilities as of 2026-08, and what large servers have beside
// it. It is sorted by name.
var capabilities = [...]CapabilityInfo{
	{Name: "ACL", RFC: "RFC 4314", Treatment: Pass},
	{Name: "ANNOTATE-EXPERIMENT-1", RFC: "RFC 5257", Treatment: Hide, Why: hideGrammar},
	{Name: "APPENDLIMIT", RFC: "RFC 7889", Treatment: Pass},
	{Name: "APPENDLIMIT=", Prefix: true, RFC: "RFC 7889", Treatment: Pass},
	{Name: "AUTH=*-PLUS", RFC: "RFC 5802", Treatment: Hide, Why: hideBinding},
	{Name: "AUTH=ANONYMOUS", RFC: "RFC 4505", Treatment: Pass},
	{Name: "AUTH=CRAM-MD5", RFC: "RFC 2195", Treatment: Pass},
	{Name: "AUTH=DIGEST-MD5", RFC: "RFC 2831", Treatment: Hide, Why: hideLayer},
	{Name: "AUTH=EXTERNAL", RFC: "RFC 4422", Treatment: Hide, Why: hideBinding},
	{Name: "AUTH=GS2-", Prefix: true, RFC: "RFC 5801", Treatment: Hide, Why: hideBinding},
	{Name: "AUTH=GSS-SPNEGO", RFC: "MS-SPNG", Treatment: Hide, Why: hideLayer},
	{Name: "AUTH=GSSAPI", RFC: "RFC 4752", Treatment: Hide, Why: hideLayer},
	{Name: "AUTH=KERBEROS_V4", RFC: "RFC 2222", Treatment: Hide, Why: hideLayer},
	{Name: "AUTH=LOGIN", RFC: "draft-murchison-sasl-login", Treatment: Pass},
	{Name: "AUTH=OAUTHBEARER", RFC: "RFC 7628", Treatment: Pass},
	{Name: "AUTH=PLAIN", RFC: "RFC 4616", Treatment: Pass},
	{Name: "AUTH=SCRAM-", Prefix: true, RFC: "RFC 5802", Treatment: Pass},
	{Name: "AUTH=XOAUTH2", RFC: "Gmail", Treatment: Pass},
	{Name: "BINARY", RFC: "RFC 3516", Treatment: Pass},
	{Name: "CATENATE", RFC: "RFC 4469", Treatment: Hide, Why: hideMessages},
	{Name: "CHILDREN", RFC: "RFC 3348", Treatment: Pass},
	{Name: "COMPRESS=", Prefix: true, RFC: "RFC 4978", Treatment: Hide, Why: hideSight},
	{Name: "CONDSTORE", RFC: "RFC 7162", Treatment: Pass},
	{Name: "CONTEXT=SEARCH", RFC: "RFC 5267", Treatment: Pass},
	{Name: "CONTEXT=SORT", RFC: "RFC 5267", Treatment: Pass},
	{Name: "CONVERT", RFC: "RFC 5259", Treatment: Hide, Why: hideForms},
	{Name: "CREATE-SPECIAL-USE", RFC: "RFC 6154", Treatment: Pass},
	{Name: "ENABLE", RFC: "RFC 5161", Treatment: Pass},
	{Name: "ESEARCH", RFC: "RFC 4731", Treatment: Pass},
	{Name: "ESORT", RFC: "RFC 5267", Treatment: Pass},
	{Name: "FILTERS", RFC: "RFC 5466", Treatment: Pass},
	{Name: "I18NLEVEL=", Prefix: true, RFC: "RFC 5255", Treatment: Pass},
	{Name: "ID", RFC: "RFC 2971", Treatment: Pass},
	{Name: "IDLE", RFC: "RFC 2177", Treatment: Pass},
	{Name: "IMAP4", RFC: "RFC 1730", Treatment: Hide, Why: hideGrammar},
	{Name: "IMAP4REV1", RFC: "RFC 3501", Treatment: Pass},
	{Name: "IMAP4REV2", RFC: "RFC 9051", Treatment: Hide, Why: hideRev2},
	{Name: "IMAPSIEVE=", Prefix: true, RFC: "RFC 6785", Treatment: Pass},
	{Name: "INPROGRESS", RFC: "RFC 9585", Treatment: Pass},
	{Name: "JMAPACCESS", RFC: "RFC 9698", Treatment: Hide, Why: hideAway},
	{Name: "LANGUAGE", RFC: "RFC 5255", Treatment: Pass},
	{Name: "LIST-EXTENDED", RFC: "RFC 5258", Treatment: Pass},
	{Name: "LIST-METADATA", RFC: "RFC 9590", Treatment: Pass},
	{Name: "LIST-MYRIGHTS", RFC: "RFC 8440", Treatment: Pass},
	{Name: "LIST-STATUS", RFC: "RFC 5819", Treatment: Pass},
	{Name: "LITERAL+", RFC: "RFC 7888", Treatment: Own, Why: ownLiterals},
	{Name: "LITERAL-", RFC: "RFC 7888", Treatment: Own, Why: ownLiterals},
	{Name: "LOGIN-REFERRALS", RFC: "RFC 2221", Treatment: Hide, Why: hideAway},
	{Name: "LOGINDISABLED", RFC: "RFC 9051", Treatment: Own, Why: ownTLS},
	{Name: "MAILBOX-REFERRALS", RFC: "RFC 2193", Treatment: Hide, Why: hideAway},
	{Name: "MESSAGELIMIT=", Prefix: true, RFC: "RFC 9738", Treatment: Pass},
	{Name: "METADATA", RFC: "RFC 5464", Treatment: Pass},
	{Name: "METADATA-SERVER", RFC: "RFC 5464", Treatment: Pass},
	{Name: "MOVE", RFC: "RFC 6851", Treatment: Pass},
	{Name: "MULTIAPPEND", RFC: "RFC 3502", Treatment: Hide, Why: hideMessages},
	{Name: "MULTISEARCH", RFC: "RFC 7377", Treatment: Hide, Why: hideOthers},
	{Name: "NAMESPACE", RFC: "RFC 2342", Treatment: Pass},
	{Name: "NOTIFY", RFC: "RFC 5465", Treatment: Hide, Why: hideOthers},
	{Name: "OBJECTID", RFC: "RFC 8474", Treatment: Pass},
	{Name: "PARTIAL", RFC: "RFC 9394", Treatment: Pass},
	{Name: "PREVIEW", RFC: "RFC 8970", Treatment: Pass},
	{Name: "PREVIEW=", Prefix: true, RFC: "RFC 8970 drafts", Treatment: Hide, Why: hideGrammar},
	{Name: "QRESYNC", RFC: "RFC 7162", Treatment: Pass},
	{Name: "QUOTA", RFC: "RFC 9208", Treatment: Pass},
	{Name: "QUOTA=RES-", Prefix: true, RFC: "RFC 9208", Treatment: Pass},
	{Name: "QUOTASET", RFC: "RFC 9208", Treatment: Pass},
	{Name: "REPLACE", RFC: "RFC 8508", Treatment: Pass},
	{Name: "RIGHTS=", Prefix: true, RFC: "RFC 4314", Treatment: Pass},
	{Name: "SASL-IR", RFC: "RFC 4959", Treatment: Pass},
	{Name: "SAVEDATE", RFC: "RFC 8514", Treatment: Pass},
	{Name: "SAVELIMIT=", Prefix: true, RFC: "RFC 9738", Treatment: Pass},
	{Name: "SEARCH=FUZZY", RFC: "RFC 6203", Treatment: Pass},
	{Name: "SEARCHRES", RFC: "RFC 5182", Treatment: Pass},
	{Name: "SORT", RFC: "RFC 5256", Treatment: Pass},
	{Name: "SORT=DISPLAY", RFC: "RFC 5957", Treatment: Pass},
	{Name: "SPECIAL-USE", RFC: "RFC 6154", Treatment: Pass},
	{Name: "STARTTLS", RFC: "RFC 9051", Treatment: Own, Why: ownTLS},
	{Name: "STATUS=SIZE", RFC: "RFC 8438", Treatment: Pass},
	{Name: "THREAD=", Prefix: true, RFC: "RFC 5256", Treatment: Pass},
	{Name: "UIDBATCHES", RFC: "RFC 10022", Treatment: Pass},
	{Name: "UIDONLY", RFC: "RFC 9586", Treatment: Hide, Why: hideUIDs},
	{Name: "UIDPLUS", RFC: "RFC 4315", Treatment: Pass},
	{Name: "UNAUTHENTICATE", RFC: "RFC 8437", Treatment: Hide, Why: hideIdentity},
	{Name: "UNSELECT", RFC: "RFC 3691", Treatment: Pass},
	{Name: "URL-PARTIAL", RFC: "RFC 5550", Treatment: Hide, Why: hideURLs},
	{Name: "URLAUTH", RFC: "RFC 4467", Treatment: Hide, Why: hideURLs},
	{Name: "URLAUTH=BINARY", RFC: "RFC 5524", Treatment: Hide, Why: hideURLs},
	{Name: "UTF8=", Prefix: true, RFC: "RFC 6855", Treatment: Hide, Why: hideUTF8},
	{Name: "WITHIN", RFC: "RFC 5032", Treatment: Pass},
	{Name: "X-GM-EXT-1", RFC: "Gmail", Treatment: Pass},
	{Name: "XLIST", RFC: "Gmail", Treatment: Pass},
}
