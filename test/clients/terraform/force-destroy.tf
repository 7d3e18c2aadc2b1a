# Has what Terraform did not make, and is destroyed all the same.
resource "aws_iam_user" "forced" {
  name          = "forced"
  force_destroy = true
}
