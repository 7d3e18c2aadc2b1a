# Users, roles and policies on a rolecall of your own. Start it in another terminal, then:
#
#   eval "$(rolecall env)"
#   export TF_VAR_endpoint=$AWS_ENDPOINT_URL
#   terraform init && terraform apply
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "endpoint" {
  description = "Where rolecall listens"
  type        = string
  default     = "http://127.0.0.1:4599"
}

# Keys come from the environment, as with AWS. Nothing has to be skipped: the provider checks them, and rolecall answers.
provider "aws" {
  region = "us-east-1"
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
}

data "aws_caller_identity" "me" {}

# What the application may do.
data "aws_iam_policy_document" "uploads" {
  statement {
    sid       = "OwnUploads"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::uploads/$${aws:PrincipalTag/tenant}/*"]
  }
}

resource "aws_iam_policy" "uploads" {
  name   = "uploads"
  policy = data.aws_iam_policy_document.uploads.json
}

# Who may become it: a developer, and CI by its ID token.
resource "aws_iam_user" "developer" {
  name          = "dora"
  path          = "/developers/"
  force_destroy = true
}

resource "aws_iam_openid_connect_provider" "ci" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.developer.arn]
    }
  }
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.ci.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:my-org/my-app:*"]
    }
  }
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = { tenant = "acme" }
}

resource "aws_iam_role_policy_attachment" "uploads" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.uploads.arn
}

# Asked of the policy engine that enforces, in the plan: this fails where the role could not do what it is for.
data "aws_iam_principal_policy_simulation" "uploads" {
  policy_source_arn = aws_iam_role.app.arn
  action_names      = ["s3:PutObject"]
  resource_arns     = ["arn:aws:s3:::uploads/acme/photo"]

  context {
    key    = "aws:PrincipalTag/tenant"
    type   = "string"
    values = ["acme"]
  }

  lifecycle {
    postcondition {
      condition     = self.all_allowed
      error_message = "the role cannot upload"
    }
  }
  depends_on = [aws_iam_role_policy_attachment.uploads]
}

output "role" {
  value = aws_iam_role.app.arn
}
output "account" {
  value = data.aws_caller_identity.me.account_id
}
