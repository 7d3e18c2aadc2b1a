resource "aws_iam_user_ssh_key" "bound" {
  username   = aws_iam_user.bound.name
  encoding   = "SSH"
  public_key = var.given.ssh_key
  status     = local.first ? "Active" : "Inactive"
}
data "aws_iam_user_ssh_key" "bound" {
  username          = aws_iam_user.bound.name
  encoding          = "SSH"
  ssh_public_key_id = aws_iam_user_ssh_key.bound.ssh_public_key_id
}
output "ssh_key" { value = data.aws_iam_user_ssh_key.bound.status }
