# What the provider's acceptance tests and well-known modules do with IAM and ../*.tf do not: other ways to say the same, what is taken away again,
# empty values, names that nobody chose, and default tags that come and go; see ../../terraform-variants.test.ts.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
# 1 is applied first, 2 changes.
variable "generation" { type = number }
variable "given" { type = map(string) }

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["012345678901"]
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
  default_tags {
    tags = local.first ? { Stack = "test" } : { Stack = "other", Empty = "" }
  }
}

data "aws_caller_identity" "me" {}

locals {
  first   = var.generation == 1
  account = data.aws_caller_identity.me.account_id
  # Nothing, then what is empty; something, then nothing.
  comes = local.first ? null : { a = "", "two:x/y=z+-@_." = "ключ" }
  goes  = local.first ? { a = "", b = "1" } : {}
  # As people write it: white space, another order of the members, one statement without a list, an empty Sid.
  ec2      = "{\n  \"Statement\": {\n    \"Sid\": \"\",\n    \"Principal\": { \"Service\": [ \"ec2.amazonaws.com\" ] },\n    \"Action\": [\"sts:AssumeRole\"],\n    \"Effect\": \"Allow\"\n  },\n  \"Version\": \"2012-10-17\"\n}\n"
  describe = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["ec2:Describe*"], Resource = "*" }] })
  terse    = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"ec2:Describe*\",\"Resource\":\"*\"}}"
}
