// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package main

// autoMode turns the AWS Load Balancer Controller's CRDs into those of EKS Auto Mode. AWS publishes none;
// its user guide ("Create an IngressClass to configure an Application Load Balancer") says what differs.
func autoMode(controller []crd) []crd {
	for i := range controller {
		c := &controller[i].Spec
		c.Group = "eks.amazonaws.com"
		c.Versions = c.Versions[len(c.Versions)-1:]
		c.Versions[0].Name = "v1"
		spec := property(c.Versions[0].Schema.OpenAPIV3Schema, "spec")
		switch c.Names.Kind {
		case "IngressClassParams":
			properties := spec["properties"].(schema)
			properties["certificateARNs"] = properties["certificateArn"]
			delete(properties, "certificateArn")
			delete(properties, "listeners")
			subnets := property(spec, "subnets")["properties"].(schema)
			subnets["matchTags"] = schema{} // in a form that the guide does not show
			delete(subnets, "tags")
		case "TargetGroupBinding":
			required, _ := spec["required"].([]any)
			spec["required"] = append(required, "targetType")
		}
	}
	return controller
}

// property is the schema of one property of an object.
func property(s schema, name string) schema { return s["properties"].(schema)[name].(schema) }
