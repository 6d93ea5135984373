package checks

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// objects are those of a rendered chart.
type objects []runtime.Object

// of are the objects of one type.
func of[T runtime.Object](os objects) (found []T) {
	for _, o := range os {
		if t, ok := o.(T); ok {
			found = append(found, t)
		}
	}
	return found
}

// named is the object of that type and name; nil: there is none.
func named[T runtime.Object](os objects, name string) (found T) {
	for _, o := range of[T](os) {
		if m, err := meta.Accessor(o); err == nil && m.GetName() == name {
			return o
		}
	}
	return found
}

// TestChart: with each set of values every object decodes strictly, the objects fit together, and the pods keep to the restricted
// profile of the Pod Security Standards.
func TestChart(t *testing.T) {
	for name, values := range valueSets(t) {
		t.Run(name, func(t *testing.T) {
			os := rendered(t, values)
			names(t, os)
			for _, d := range of[*appsv1.Deployment](os) {
				restricted(t, d)
				volumes(t, d)
				probes(t, d)
			}
			selections(t, os)
			ports(t, os)
		})
	}
}

// names are valid, unique by kind, and all objects are in the release's namespace.
func names(t *testing.T, os objects) {
	seen := map[string]bool{}
	for _, o := range os {
		m, err := meta.Accessor(o)
		if err != nil {
			t.Fatal(err)
		}
		kind := o.GetObjectKind().GroupVersionKind().Kind
		if errs := validation.IsDNS1123Subdomain(m.GetName()); errs != nil {
			t.Errorf("%s %q: %v", kind, m.GetName(), errs)
		}
		if m.GetNamespace() != namespace {
			t.Errorf("%s %s: namespace %q", kind, m.GetName(), m.GetNamespace())
		}
		key := kind + "/" + m.GetName()
		if seen[key] {
			t.Errorf("%s: twice", key)
		}
		seen[key] = true
		for k, v := range m.GetLabels() {
			if errs := slices.Concat(validation.IsQualifiedName(k), validation.IsValidLabelValue(v)); errs != nil {
				t.Errorf("%s: label %s=%q: %v", key, k, v, errs)
			}
		}
	}
}

// restricted: the pod is admitted where the restricted profile is enforced, and has a root file system that is not written.
func restricted(t *testing.T, d *appsv1.Deployment) {
	e, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	pod := d.Spec.Template
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	if r := policy.AggregateCheckResults(e.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec)); !r.Allowed {
		t.Errorf("%s: %s", d.Name, r.ForbiddenDetail())
	}
	for _, c := range pod.Spec.Containers {
		if s := c.SecurityContext; s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem {
			t.Errorf("%s: %s can write its root file system", d.Name, c.Name)
		}
		if c.Resources.Requests.Cpu().IsZero() || c.Resources.Limits.Memory().IsZero() {
			t.Errorf("%s: %s has no CPU requested or no limit of memory", d.Name, c.Name)
		}
	}
	if p := pod.Spec.AutomountServiceAccountToken; p == nil || *p {
		t.Errorf("%s: has a token of its service account", d.Name)
	}
}

// volumes: each mount has its volume, and each volume is mounted once.
func volumes(t *testing.T, d *appsv1.Deployment) {
	mounts := map[string]int{}
	for _, m := range d.Spec.Template.Spec.Containers[0].VolumeMounts {
		mounts[m.Name]++
	}
	for _, v := range d.Spec.Template.Spec.Volumes {
		if mounts[v.Name] != 1 {
			t.Errorf("%s: the volume %s is mounted %d times", d.Name, v.Name, mounts[v.Name])
		}
		delete(mounts, v.Name)
	}
	for name := range mounts {
		t.Errorf("%s: no volume %s", d.Name, name)
	}
}

// probes: liveness and readiness are asked of a port that the container has; the pod has time to end as it was told to.
func probes(t *testing.T, d *appsv1.Deployment) {
	c := d.Spec.Template.Spec.Containers[0]
	for name, p := range map[string]*corev1.Probe{"liveness": c.LivenessProbe, "readiness": c.ReadinessProbe} {
		if p == nil || p.HTTPGet == nil {
			t.Errorf("%s: no %s probe over HTTP", d.Name, name)
			continue
		}
		if !slices.ContainsFunc(c.Ports, func(port corev1.ContainerPort) bool { return port.Name == p.HTTPGet.Port.StrVal }) {
			t.Errorf("%s: the %s probe's port %s is not the container's", d.Name, name, p.HTTPGet.Port.StrVal)
		}
	}
	if g := d.Spec.Template.Spec.TerminationGracePeriodSeconds; g == nil || *g < 12 {
		t.Errorf("%s: termination grace period %v", d.Name, g)
	}
}

// selections: what selects pods selects those of one Deployment, and each Deployment has what selects it.
func selections(t *testing.T, os objects) {
	selected := map[string]int{}
	pick := func(what string, s labels.Selector) {
		found := 0
		for _, d := range of[*appsv1.Deployment](os) {
			if s.Matches(labels.Set(d.Spec.Template.Labels)) {
				found++
				selected[d.Name]++
			}
		}
		if found != 1 {
			t.Errorf("%s selects %d Deployments", what, found)
		}
	}
	selector := func(what string, s *metav1.LabelSelector) {
		parsed, err := metav1.LabelSelectorAsSelector(s)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		pick(what, parsed)
	}
	for _, d := range of[*appsv1.Deployment](os) {
		selector("Deployment "+d.Name, d.Spec.Selector)
	}
	for _, s := range of[*corev1.Service](os) {
		pick("Service "+s.Name, labels.SelectorFromSet(s.Spec.Selector))
	}
	for _, b := range of[*policyv1.PodDisruptionBudget](os) {
		selector("PodDisruptionBudget "+b.Name, b.Spec.Selector)
	}
	for _, p := range of[*networkingv1.NetworkPolicy](os) {
		selector("NetworkPolicy "+p.Name, &p.Spec.PodSelector)
	}
	for _, h := range of[*autoscalingv2.HorizontalPodAutoscaler](os) {
		d := named[*appsv1.Deployment](os, h.Spec.ScaleTargetRef.Name)
		if d == nil || d.Spec.Replicas != nil {
			t.Errorf("HorizontalPodAutoscaler %s: no Deployment of the name, or one that sets replicas itself", h.Name)
		}
	}
	for _, m := range of[*monitoringv1.ServiceMonitor](os) {
		s, err := metav1.LabelSelectorAsSelector(&m.Spec.Selector)
		if err != nil {
			t.Fatal(err)
		}
		jobs := map[string]bool{}
		for _, service := range of[*corev1.Service](os) {
			for _, p := range service.Spec.Ports {
				if s.Matches(labels.Set(service.Labels)) && p.Name == m.Spec.Endpoints[0].Port {
					jobs[service.Labels[m.Spec.JobLabel]] = true
				}
			}
		}
		if got := slices.Sorted(maps.Keys(jobs)); !slices.Equal(got, []string{"dataplane", "decider"}) {
			t.Errorf("ServiceMonitor %s: jobs %v", m.Name, got)
		}
	}
	if n := len(of[*appsv1.Deployment](os)); n != 2 || len(selected) != 2 {
		t.Errorf("%d Deployments, %d selected", n, len(selected))
	}
}

// ports: what Services and NetworkPolicies call by name is a port of the pods they select.
func ports(t *testing.T, os objects) {
	check := func(what string, s labels.Selector, port intstr.IntOrString) {
		for _, d := range of[*appsv1.Deployment](os) {
			if !s.Matches(labels.Set(d.Spec.Template.Labels)) {
				continue
			}
			if !slices.ContainsFunc(d.Spec.Template.Spec.Containers[0].Ports, func(p corev1.ContainerPort) bool { return p.Name == port.StrVal }) {
				t.Errorf("%s: %s has no port %s", what, d.Name, port.String())
			}
		}
	}
	for _, s := range of[*corev1.Service](os) {
		for _, p := range s.Spec.Ports {
			check("Service "+s.Name, labels.SelectorFromSet(s.Spec.Selector), p.TargetPort)
		}
	}
	for _, n := range of[*networkingv1.NetworkPolicy](os) {
		s, err := metav1.LabelSelectorAsSelector(&n.Spec.PodSelector)
		if err != nil {
			t.Fatal(err)
		}
		for i, in := range n.Spec.Ingress {
			for _, p := range in.Ports {
				check(fmt.Sprintf("NetworkPolicy %s, ingress %d", n.Name, i), s, *p.Port)
			}
		}
	}
}

// TestDecoderIsStrict: an object with a field that its type has not, or twice, or a kind that there is not, is an error; so that TestChart
// can fail.
func TestDecoderIsStrict(t *testing.T) {
	for what, text := range map[string]string{
		"a field that there is not":    "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {prots: []}}",
		"a field twice":                "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: NodePort, type: ClusterIP}\n",
		"a wrong type":                 "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: two}}",
		"a kind that there is not":     "{apiVersion: v1, kind: Servcie, metadata: {name: a}}",
		"an operator's unknown field":  "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: a}, spec: {endpoint: []}}",
		"a version that there is not":  "{apiVersion: autoscaling/v3, kind: HorizontalPodAutoscaler, metadata: {name: a}}",
		"a network policy's bad field": "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {ingres: []}}",
	} {
		if _, _, err := decoder.Decode([]byte(text), nil, nil); err == nil {
			t.Errorf("%s is decoded", what)
		}
	}
}
