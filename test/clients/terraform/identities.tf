resource "aws_iam_user" "ann" {
  name = "ann"
  path = local.first ? "/team/" : "/crew/"
  tags = local.first ? { Role = "dev", Old = "1" } : { Role = "ops", New = "å ä" }
}

# Renamed. Not with other tags at once: the provider tags under the new name before it renames.
resource "aws_iam_user" "bound" {
  name                 = local.first ? "bound" : "tied"
  permissions_boundary = local.first ? aws_iam_policy.reading.arn : aws_iam_policy.listing.arn
}

resource "aws_iam_access_key" "ann" {
  user   = aws_iam_user.ann.name
  status = local.first ? "Active" : "Inactive"
}

resource "aws_iam_group" "crew" {
  name = local.first ? "crew" : "hands"
  path = local.first ? "/" : "/deck/"
}
resource "aws_iam_group" "watch" {
  name = "watch"
}

resource "aws_iam_group_membership" "crew" {
  name  = "crew"
  group = aws_iam_group.crew.name
  users = local.first ? [aws_iam_user.ann.name] : [aws_iam_user.ann.name, aws_iam_user.bound.name]
}
resource "aws_iam_user_group_membership" "bound" {
  user   = aws_iam_user.bound.name
  groups = [aws_iam_group.watch.name]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = local.first ? ["ec2.amazonaws.com"] : ["ec2.amazonaws.com", "lambda.amazonaws.com"]
    }
  }
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.bound.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["deck"]
    }
  }
}

resource "aws_iam_role" "app" {
  name                 = "app"
  path                 = "/service/"
  description          = local.first ? "first" : "second"
  max_session_duration = local.first ? 3600 : 7200
  permissions_boundary = local.first ? null : aws_iam_policy.reading.arn
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = { Generation = tostring(var.generation) }
}

resource "aws_iam_role" "job" {
  name_prefix           = "job-"
  assume_role_policy    = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  force_detach_policies = true
}

resource "aws_iam_instance_profile" "app" {
  name = "app"
  role = local.first ? aws_iam_role.app.name : aws_iam_role.job.name
  tags = local.first ? { A = "1" } : { B = "2" }
}
