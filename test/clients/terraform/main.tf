# Everything that the AWS provider has for IAM and Organizations, against a rolecall of its own. The files beside this one are left out of a run where
# the operations that they need are not served; see ../terraform.test.ts.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
# 1 is applied first, 2 changes whatever can be changed.
variable "generation" { type = number }
# Certificates, keys and metadata, which the test makes.
variable "given" { type = map(string) }

locals {
  first = var.generation == 1
}

provider "aws" {
  region = "us-east-1"
  endpoints {
    iam           = var.endpoint
    sts           = var.endpoint
    organizations = var.endpoint
  }
  default_tags {
    tags = { Stack = "test" }
  }
}

data "aws_caller_identity" "me" {}
output "account" { value = data.aws_caller_identity.me.account_id }
