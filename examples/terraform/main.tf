# SPDX-License-Identifier: Apache-2.0
# istio-aws by Terraform, on an EKS cluster that is there: the AWS Load Balancer Controller first, then this chart with one of its presets.
#
#   terraform init
#   terraform apply -var cluster_name=my-cluster -var certificate_arn=arn:aws:acm:…
#
# Needs: Terraform 1.8, AWS credentials, `aws` on the PATH; a checkout of this repository, or the chart from a registry (var.chart). The
# controller needs an IAM role (var.controller_role_arn) with the policy of its own documentation.
# Checked here: the syntax, by HashiCorp's parser. Not run: that takes an AWS account.

terraform {
  required_version = ">= 1.8"
  required_providers {
    aws  = { source = "hashicorp/aws", version = ">= 5.0" }
    helm = { source = "hashicorp/helm", version = ">= 3.0" }
  }
}

variable "cluster_name" {
  type = string
}

variable "certificate_arn" {
  type        = string
  description = "ACM certificate of the public ALB."
}

variable "controller_role_arn" {
  type        = string
  description = "IAM role of the AWS Load Balancer Controller's service account."
}

variable "chart" {
  type        = string
  default     = "../../charts/istio-aws" # after `make deps`; or oci://registry.example.com/charts/istio-aws
  description = "The chart: a folder, a package or an OCI reference."
}

data "aws_eks_cluster" "this" {
  name = var.cluster_name
}

provider "helm" {
  kubernetes = {
    host                   = data.aws_eks_cluster.this.endpoint
    cluster_ca_certificate = base64decode(data.aws_eks_cluster.this.certificate_authority[0].data)
    exec = {
      api_version = "client.authentication.k8s.io/v1"
      command     = "aws"
      args        = ["eks", "get-token", "--cluster-name", var.cluster_name]
    }
  }
}

resource "helm_release" "aws_load_balancer_controller" {
  name       = "aws-load-balancer-controller"
  namespace  = "kube-system"
  repository = "https://aws.github.io/eks-charts"
  chart      = "aws-load-balancer-controller"
  wait       = true # its webhooks answer before the first Service and Ingress come

  values = [yamlencode({
    clusterName = var.cluster_name
    serviceAccount = {
      annotations = { "eks.amazonaws.com/role-arn" = var.controller_role_arn }
    }
  })]
}

resource "helm_release" "istio_aws" {
  name             = "istio-aws"
  namespace        = "istio-system"
  create_namespace = true
  chart            = var.chart

  # Ready is: istiod and all gateways run. AWS makes load balancers meanwhile and takes minutes; Helm waits for the address of a Service
  # of type LoadBalancer (an NLB), not for that of an Ingress (an ALB).
  wait    = true
  timeout = 600

  # A preset, and over it what differs here.
  values = [
    file("${path.module}/../../values/alb-public.yaml"),
    yamlencode({
      loadBalancers = {
        albPublic = {
          name  = "${var.cluster_name}-public"
          hosts = ["shop.example.com"]
          tls   = { certificateArns = [var.certificate_arn] }
        }
      }
    }),
  ]

  # Also the order of `terraform destroy`: the controller deletes the load balancers, so it goes last.
  depends_on = [helm_release.aws_load_balancer_controller]
}

# Once after the first apply, so that rollouts wait for the load balancers:
#   kubectl label namespace istio-system elbv2.k8s.aws/pod-readiness-gate-inject=enabled
#   kubectl -n istio-system rollout restart deployment/istio-ingress-alb-public
# Terraform, as Helm, installs CRDs once and never upgrades them: docs/upgrade.md has the command.
