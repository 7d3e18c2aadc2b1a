# The shapes in which modules make roles for workloads and people.
resource "aws_iam_openid_connect_provider" "cluster" {
  url            = "https://oidc.eks.eu-central-1.amazonaws.com/id/5C54DDF35E9F19312844C7333374CC09"
  client_id_list = ["sts.amazonaws.com"]
}
data "aws_iam_policy_document" "cluster" {
  statement {
    sid     = "ExplicitSelfRoleAssumption"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::${local.account}:role/cluster-*"]
    }
  }
  dynamic "statement" {
    for_each = toset(local.first ? ["default:one"] : ["default:one", "kube-system:two"])
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = [aws_iam_openid_connect_provider.cluster.arn]
      }
      condition {
        test     = "StringEquals"
        variable = "${aws_iam_openid_connect_provider.cluster.url}:sub"
        values   = ["system:serviceaccount:${statement.value}"]
      }
      condition {
        test     = "StringEquals"
        variable = "${aws_iam_openid_connect_provider.cluster.url}:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}
resource "aws_iam_role" "cluster" {
  name_prefix           = "cluster-"
  assume_role_policy    = data.aws_iam_policy_document.cluster.json
  force_detach_policies = true
  permissions_boundary  = ""
}
data "aws_iam_policy_document" "jobs" {
  statement {
    sid     = "Jobs"
    actions = ["sts:TagSession", "sts:AssumeRoleWithWebIdentity"]
    principals {
      type = "Federated"
      # Not registered here, and named all the same.
      identifiers = ["arn:aws:iam::${local.account}:oidc-provider/token.actions.githubusercontent.com"]
    }
    condition {
      test     = "ForAllValues:StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:org/one:pull_request", "repo:org/two:*"]
    }
  }
}
resource "aws_iam_role" "jobs" {
  name               = "jobs"
  path               = "/ci/"
  assume_role_policy = data.aws_iam_policy_document.jobs.json
}
data "aws_iam_policy_document" "people" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root", aws_iam_user.trusted[3].arn]
    }
    principals {
      type        = "Service"
      identifiers = ["codedeploy.amazonaws.com", "pods.eks.amazonaws.com", "osis-pipelines.amazonaws.com"]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = ["86400"]
    }
  }
}
resource "aws_iam_role" "people" {
  name                 = "people"
  assume_role_policy   = data.aws_iam_policy_document.people.json
  max_session_duration = 43200
}
resource "aws_iam_role_policy_attachment" "people" {
  for_each   = toset(local.first ? ["AdministratorAccess", "PowerUserAccess"] : ["PowerUserAccess", "ReadOnlyAccess"])
  role       = aws_iam_role.people.name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}
resource "aws_iam_group_policy_attachment" "people" {
  for_each   = { read = "arn:aws:iam::aws:policy/ReadOnlyAccess", own = aws_iam_policy.many[1].arn }
  group      = aws_iam_group.of[1].id
  policy_arn = each.value
}

data "aws_iam_policy" "by_name" {
  name        = aws_iam_policy.versions.name
  path_prefix = "/a/"
}
data "aws_iam_roles" "found" {
  name_regex  = "Beanstalk$"
  path_prefix = "/aws-service-role/elasticbeanstalk.amazonaws.com/"
  depends_on  = [aws_iam_service_linked_role.plain]
}
data "aws_iam_users" "none" { path_prefix = "/nowhere/" }
data "aws_iam_server_certificate" "latest" {
  name_prefix = aws_iam_server_certificate.windows.name
  latest      = true
}
data "aws_iam_session_context" "me" { arn = data.aws_caller_identity.me.arn }
data "aws_iam_instance_profiles" "none" { role_name = aws_iam_role.order.name }
resource "aws_iam_user_policy" "simulated" {
  user   = aws_iam_user.trusted[4].name
  name   = "own"
  policy = local.describe
}
data "aws_iam_principal_policy_simulation" "own" {
  policy_source_arn = aws_iam_user.trusted[4].arn
  action_names      = ["ec2:DescribeVpcs", "s3:GetObject"]
  resource_arns     = ["arn:aws:s3:::b/x"]
  depends_on        = [aws_iam_user_policy.simulated]
}

output "seen" {
  value = {
    policy    = data.aws_iam_policy.by_name.arn
    roles     = data.aws_iam_roles.found.names
    none      = concat(tolist(data.aws_iam_users.none.names), tolist(data.aws_iam_instance_profiles.none.names))
    me        = data.aws_iam_session_context.me.issuer_arn
    latest    = data.aws_iam_server_certificate.latest.name == aws_iam_server_certificate.windows.name
    simulated = { for result in data.aws_iam_principal_policy_simulation.own.results : result.action_name => result.decision }
    source    = [for result in data.aws_iam_principal_policy_simulation.own.results : result.matched_statements[*].source_policy_id if result.allowed]
    suffix    = aws_iam_service_linked_role.suffixed.custom_suffix
    tags      = [aws_iam_role.described.tags_all, aws_iam_role.nameless.tags_all]
  }
}
