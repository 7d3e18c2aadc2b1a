data "aws_iam_policy_document" "reading" {
  statement {
    sid       = "Read"
    actions   = local.first ? ["s3:GetObject"] : ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["arn:aws:s3:::bucket/$${aws:username}/*"]
  }
}

resource "aws_iam_policy" "reading" {
  name        = "reading"
  path        = "/data/"
  description = "May read"
  policy      = data.aws_iam_policy_document.reading.json
  tags        = local.first ? { a = "1", A = "2" } : { a = "3" }
}
resource "aws_iam_policy" "listing" {
  name_prefix = "listing-"
  policy      = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "s3:ListBucket", Resource = "*" } })
}

resource "aws_iam_user_policy" "own" {
  name   = "own"
  user   = aws_iam_user.ann.name
  policy = data.aws_iam_policy_document.reading.json
}
resource "aws_iam_group_policy" "own" {
  name   = "own"
  group  = aws_iam_group.crew.name
  policy = data.aws_iam_policy_document.reading.json
}
resource "aws_iam_role_policy" "own" {
  name   = "own"
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.reading.json
}

resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = local.first ? aws_iam_policy.reading.arn : "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_group_policy_attachment" "crew" {
  group      = aws_iam_group.crew.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}
resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
}
resource "aws_iam_policy_attachment" "listing" {
  name   = "listing"
  users  = local.first ? [] : [aws_iam_user.bound.name]
  groups = [aws_iam_group.watch.name]
  roles  = [aws_iam_role.job.name]

  policy_arn = aws_iam_policy.listing.arn
}

resource "aws_iam_user_policies_exclusive" "ann" {
  user_name    = aws_iam_user.ann.name
  policy_names = [aws_iam_user_policy.own.name]
}
resource "aws_iam_group_policies_exclusive" "crew" {
  group_name   = aws_iam_group.crew.name
  policy_names = [aws_iam_group_policy.own.name]
}
resource "aws_iam_role_policies_exclusive" "app" {
  role_name    = aws_iam_role.app.name
  policy_names = [aws_iam_role_policy.own.name]
}
resource "aws_iam_user_policy_attachments_exclusive" "ann" {
  user_name   = aws_iam_user.ann.name
  policy_arns = [aws_iam_user_policy_attachment.ann.policy_arn]
}
resource "aws_iam_group_policy_attachments_exclusive" "crew" {
  group_name  = aws_iam_group.crew.name
  policy_arns = [aws_iam_group_policy_attachment.crew.policy_arn]
}
resource "aws_iam_role_policy_attachments_exclusive" "app" {
  role_name   = aws_iam_role.app.name
  policy_arns = [aws_iam_role_policy_attachment.app.policy_arn]
}
