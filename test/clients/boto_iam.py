"""What boto3 sees of IAM beside users, groups, roles and policies. Run as boto.py is, with files of the test's in FILES."""

import base64
import csv
import hashlib
import hmac
import io
import json
import os
import struct
import time

from boto import HOME, TRUST, allow, client, iam, keys_of, outcome_of, refused, sts

FILES = os.environ["FILES"]
TAGS = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]


def arn(resource):
    return f"arn:aws:iam::{HOME}:{resource}"


def file(name):
    with open(os.path.join(FILES, name)) as opened:
        return opened.read()


def user(name, document=None):
    """A user, and a client that acts with its keys."""
    iam.create_user(UserName=name)
    if document:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def waited(ask):
    for _ in range(100):
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("it is still under way")


def said(error, text):
    assert text in error.response["Error"]["Message"], error.response


def code_of(seed, steps=0):
    """RFC 6238, with the time step that is so many from now."""
    step = int(time.time()) // 30 + steps
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def passwords():
    given = {"MinimumPasswordLength": 9, "RequireNumbers": True, "HardExpiry": True, "MaxPasswordAge": 5}
    iam.update_account_password_policy(**given)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy == {
        **given,
        "RequireSymbols": False,
        "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False,
        "ExpirePasswords": True,
    }, policy
    # What is too small boto3 sees for itself; what is too large is told by the service, all at once.
    large = {"MinimumPasswordLength": 129, "MaxPasswordAge": 1096, "PasswordReusePrevention": 25}
    error = refused("ValidationError", iam.update_account_password_policy, **large)
    said(error, "3 validation errors detected: ")
    keys = user("py-ann", allow("iam:ChangePassword"))
    error = refused("PasswordPolicyViolation", iam.create_login_profile, UserName="py-ann", Password="short-1")
    said(error, "Password should have a minimum length of 9")
    made = iam.create_login_profile(UserName="py-ann", Password="long-enough-1")["LoginProfile"]
    assert made["PasswordResetRequired"] is False
    refused("EntityAlreadyExists", iam.create_login_profile, UserName="py-ann", Password="long-enough-1")
    own = client("iam", **keys)
    own.change_password(OldPassword="long-enough-1", NewPassword="long-enough-2")
    refused("AccessDenied", own.change_password, OldPassword="long-enough-1", NewPassword="long-enough-3")
    iam.update_login_profile(UserName="py-ann", PasswordResetRequired=True)
    assert iam.get_login_profile(UserName="py-ann")["LoginProfile"] == {**made, "PasswordResetRequired": True}
    iam.delete_login_profile(UserName="py-ann")
    error = refused("NoSuchEntity", iam.get_login_profile, UserName="py-ann")
    said(error, "Login Profile for User py-ann cannot be found.")
    iam.delete_account_password_policy()
    refused("NoSuchEntity", iam.get_account_password_policy)


def second_factors():
    keys = user("py-mia", allow(["iam:*", "sts:*"]))
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="py-phone", Tags=TAGS)["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"]
    assert serial == arn("mfa/py-phone") and made["Tags"] == TAGS
    assert len(base64.b32decode(seed)) == 40 and made["QRCodePNG"][:8] == b"\x89PNG\r\n\x1a\n"
    both = {"UserName": "py-mia", "SerialNumber": serial}

    def codes(steps):
        return {"AuthenticationCode1": code_of(seed, steps), "AuthenticationCode2": code_of(seed, steps + 1)}

    wrong = {"AuthenticationCode1": "000000", "AuthenticationCode2": "000001"}
    refused("InvalidAuthenticationCode", iam.enable_mfa_device, **both, **wrong)
    iam.enable_mfa_device(**both, **codes(-2))
    said(refused("EntityAlreadyExists", iam.enable_mfa_device, **both, **codes(0)), "MFA Device is already in use.")
    listed = iam.list_mfa_devices(UserName="py-mia")["MFADevices"]
    assert [(each["UserName"], each["SerialNumber"]) for each in listed] == [("py-mia", serial)]
    assert iam.get_mfa_device(**both)["EnableDate"] == listed[0]["EnableDate"]
    shown = client("sts", **keys).get_session_token(SerialNumber=serial, TokenCode=code_of(seed, 0))
    own = client("iam", **keys_of(shown))
    assert own.get_mfa_device(SerialNumber=serial)["UserName"] == "py-mia"
    # By the administrator it is the administrator's own device that is asked for.
    refused("NoSuchEntity", iam.get_mfa_device, SerialNumber=serial)
    pages = iam.get_paginator("list_virtual_mfa_devices").paginate(AssignmentStatus="Assigned")
    [device] = [each for page in pages for each in page["VirtualMFADevices"] if each["SerialNumber"] == serial]
    assert device["User"]["UserName"] == "py-mia" and "Base32StringSeed" not in device

    asker = client("sts", **keys)
    code = code_of(seed, 1)
    session = keys_of(asker.get_session_token(SerialNumber=serial, TokenCode=code))
    refused("AccessDenied", asker.get_session_token, SerialNumber=serial, TokenCode=code)
    assert client("iam", **session).get_user()["User"]["UserName"] == "py-mia"
    # Without a factor such a session is nobody to IAM.
    refused("InvalidClientTokenId", client("iam", **keys_of(asker.get_session_token())).get_user)
    iam.resync_mfa_device(**both, **codes(4))
    refused("InvalidAuthenticationCode", iam.resync_mfa_device, **both, **codes(4))
    refused("DeleteConflict", iam.delete_virtual_mfa_device, SerialNumber=serial)
    iam.deactivate_mfa_device(**both)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert iam.list_mfa_devices(UserName="py-mia")["MFADevices"] == []


def keys_and_certificates_of_users():
    user("py-sue")
    key = iam.upload_ssh_public_key(UserName="py-sue", SSHPublicKeyBody=file("key.pub"))["SSHPublicKey"]
    one = {"UserName": "py-sue", "SSHPublicKeyId": key["SSHPublicKeyId"]}
    got = iam.get_ssh_public_key(**one, Encoding="PEM")["SSHPublicKey"]
    assert got["SSHPublicKeyBody"] == file("key.pem").strip()
    assert got["Fingerprint"] == key["Fingerprint"] == fingerprint(file("key.pub"))
    refused("DuplicateSSHPublicKey", iam.upload_ssh_public_key, UserName="py-sue", SSHPublicKeyBody=file("key.pub"))
    refused("InvalidPublicKey", iam.upload_ssh_public_key, UserName="py-sue", SSHPublicKeyBody="ssh-rsa AAAA")
    iam.update_ssh_public_key(**one, Status="Inactive")
    [listed] = iam.list_ssh_public_keys(UserName="py-sue")["SSHPublicKeys"]
    assert listed["Status"] == "Inactive" and "SSHPublicKeyBody" not in listed
    iam.delete_ssh_public_key(**one)
    said(
        refused("NoSuchEntity", iam.get_ssh_public_key, **one, Encoding="SSH"),
        f"The Public Key with id {one['SSHPublicKeyId']} cannot be found.",
    )

    body = file("own.pem")
    certificate = iam.upload_signing_certificate(UserName="py-sue", CertificateBody=body)["Certificate"]
    assert certificate["CertificateBody"] == body and certificate["Status"] == "Active"
    said(
        refused("MalformedCertificate", iam.upload_signing_certificate, UserName="py-sue", CertificateBody="none"),
        "Certificate none is malformed.",
    )
    one = {"UserName": "py-sue", "CertificateId": certificate["CertificateId"]}
    iam.update_signing_certificate(**one, Status="Inactive")
    assert [each["Status"] for each in iam.list_signing_certificates(UserName="py-sue")["Certificates"]] == ["Inactive"]
    refused("DeleteConflict", iam.delete_user, UserName="py-sue")
    iam.delete_signing_certificate(**one)
    error = refused("NoSuchEntity", iam.delete_signing_certificate, **one)
    said(error, f"The Certificate with id {one['CertificateId']} cannot be found.")

    made = iam.create_service_specific_credential(UserName="py-sue", ServiceName="cassandra.amazonaws.com")
    made = made["ServiceSpecificCredential"]
    assert made["ServiceUserName"] == f"py-sue-at-{HOME}", made
    one = {"UserName": "py-sue", "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    reset = iam.reset_service_specific_credential(**one)["ServiceSpecificCredential"]
    assert reset["ServicePassword"] != made["ServicePassword"] and reset["CreateDate"] == made["CreateDate"]
    iam.update_service_specific_credential(**one, Status="Inactive")
    [listed] = iam.list_service_specific_credentials(UserName="py-sue")["ServiceSpecificCredentials"]
    assert listed["Status"] == "Inactive" and "ServicePassword" not in listed
    iam.delete_service_specific_credential(**one)
    said(
        refused("NoSuchEntity", iam.delete_service_specific_credential, **one),
        f"No such credential {one['ServiceSpecificCredentialId']} exists",
    )


def fingerprint(key):
    digest = hashlib.md5(base64.b64decode(key.split()[1])).hexdigest()
    return ":".join(digest[at : at + 2] for at in range(0, 32, 2))


def server_certificates():
    given = {"CertificateBody": file("leaf.pem"), "PrivateKey": file("leaf.key"), "CertificateChain": file("root.pem")}
    made = iam.upload_server_certificate(ServerCertificateName="py-www", Path="/py/", Tags=TAGS, **given)
    assert made["ServerCertificateMetadata"]["Arn"] == arn("server-certificate/py/py-www") and made["Tags"] == TAGS
    error = refused("EntityAlreadyExists", iam.upload_server_certificate, ServerCertificateName="py-www", **given)
    said(error, "The Server Certificate with name py-www already exists.")
    other = {**given, "PrivateKey": file("other.key")}
    refused("KeyPairMismatch", iam.upload_server_certificate, ServerCertificateName="py-x", **other)
    got = iam.get_server_certificate(ServerCertificateName="py-www")["ServerCertificate"]
    assert got["CertificateChain"] == given["CertificateChain"].strip() and "PrivateKey" not in got
    left = got["ServerCertificateMetadata"]["Expiration"] - got["ServerCertificateMetadata"]["UploadDate"]
    assert 89 <= left.days <= 90, left
    iam.update_server_certificate(ServerCertificateName="py-www", NewServerCertificateName="py-web", NewPath="/py/new/")
    listed = iam.list_server_certificates(PathPrefix="/py/")["ServerCertificateMetadataList"]
    assert [each["Arn"] for each in listed] == [arn("server-certificate/py/new/py-web")]
    iam.delete_server_certificate(ServerCertificateName="py-web")
    error = refused("NoSuchEntity", iam.get_server_certificate, ServerCertificateName="py-web")
    said(error, "The Server Certificate with name py-web cannot be found.")


def identity_providers():
    provider = arn("oidc-provider/py.example")
    one = {"OpenIDConnectProviderArn": provider}
    made = iam.create_open_id_connect_provider(Url="https://py.example", ClientIDList=["one"], Tags=TAGS)
    assert made["OpenIDConnectProviderArn"] == provider and made["Tags"] == TAGS
    error = refused("EntityAlreadyExists", iam.create_open_id_connect_provider, Url="https://py.example")
    said(error, "Provider with url https://py.example already exists.")
    iam.add_client_id_to_open_id_connect_provider(**one, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(**one, ClientID="one")
    prints = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
    iam.update_open_id_connect_provider_thumbprint(**one, ThumbprintList=prints)
    got = iam.get_open_id_connect_provider(**one)
    assert (got["Url"], got["ClientIDList"], got["ThumbprintList"]) == ("py.example", ["two"], prints), got
    assert {"Arn": provider} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    iam.delete_open_id_connect_provider(**one)
    error = refused("NoSuchEntity", iam.get_open_id_connect_provider, **one)
    said(error, f"OpenIDConnect Provider not found for arn {provider}")

    document = file("metadata.xml")
    made = iam.create_saml_provider(Name="py-corp", SAMLMetadataDocument=document)
    one = {"SAMLProviderArn": made["SAMLProviderArn"]}
    assert one["SAMLProviderArn"] == arn("saml-provider/py-corp")
    got = iam.get_saml_provider(**one)
    assert got["SAMLMetadataDocument"] == document and got["ValidUntil"] > got["CreateDate"]
    assert iam.update_saml_provider(**one, SAMLMetadataDocument=document)["SAMLProviderArn"] == one["SAMLProviderArn"]
    [listed] = [each for each in iam.list_saml_providers()["SAMLProviderList"] if each["Arn"] == one["SAMLProviderArn"]]
    assert listed["ValidUntil"] == got["ValidUntil"]
    iam.delete_saml_provider(**one)
    error = refused("NoSuchEntity", iam.get_saml_provider, **one)
    said(error, f"Manifest not found for arn {one['SAMLProviderArn']}")


def what_an_account_is():
    iam.create_account_alias(AccountAlias="py-house")
    assert iam.list_account_aliases()["AccountAliases"] == ["py-house"]
    error = refused("EntityAlreadyExists", iam.create_account_alias, AccountAlias="py-house")
    said(error, "The account alias py-house already exists.")
    iam.delete_account_alias(AccountAlias="py-house")
    assert iam.list_account_aliases()["AccountAliases"] == []
    before = iam.get_account_summary()["SummaryMap"]
    iam.create_group(GroupName="py-counted")
    after = iam.get_account_summary()["SummaryMap"]
    assert after == {**before, "Groups": before["Groups"] + 1}

    user("py-detail", allow("s3:*"))
    iam.add_user_to_group(GroupName="py-counted", UserName="py-detail")
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1}))
    assert all(len(page["UserDetailList"]) <= 1 for page in pages) and len(pages) > 3
    [detail] = [each for page in pages for each in page["UserDetailList"] if each["UserName"] == "py-detail"]
    assert detail["GroupList"] == ["py-counted"]
    assert detail["UserPolicyList"] == [{"PolicyName": "own", "PolicyDocument": allow("s3:*")}], detail
    only = iam.get_account_authorization_details(Filter=["Group"])
    assert [each["GroupName"] for each in only["GroupDetailList"]] == sorted(
        each["GroupName"] for each in iam.list_groups()["Groups"]
    )
    assert only["UserDetailList"] == only["RoleDetailList"] == only["Policies"] == []


def reports():
    refused("ReportNotPresent", iam.get_credential_report)
    assert iam.generate_credential_report() | {"ResponseMetadata": None} == {
        "State": "STARTED",
        "Description": "No report exists. Starting a new report generation task",
        "ResponseMetadata": None,
    }
    waited(lambda: iam.generate_credential_report()["State"] == "COMPLETE")
    report = iam.get_credential_report()
    rows = list(csv.DictReader(io.StringIO(report["Content"].decode())))
    assert report["ReportFormat"] == "text/csv" and len(rows[0]) == 22, rows[0]
    assert rows[0]["user"] == "<root_account>" and rows[0]["password_enabled"] == "not_supported"
    [row] = [each for each in rows if each["user"] == "administrator"]
    assert (row["arn"], row["access_key_1_active"], row["mfa_active"]) == (arn("user/administrator"), "true", "false")

    keys = user("py-lou", allow(["iam:*", "sts:*"]))
    client("iam", **keys).list_groups()

    def report_on(subject):
        job = iam.generate_service_last_accessed_details(Arn=subject, Granularity="ACTION_LEVEL")["JobId"]
        done = waited(
            lambda: next(
                (
                    answer
                    for answer in [iam.get_service_last_accessed_details(JobId=job)]
                    if answer["JobStatus"] == "COMPLETED"
                ),
                None,
            )
        )
        return job, {each["ServiceNamespace"]: each for each in done["ServicesLastAccessed"]}

    def used():
        job, services = report_on(arn("user/py-lou"))
        return (job, services) if "LastAuthenticated" in services["iam"] else None

    job, services = waited(used)
    assert sorted(services) == ["iam", "sts"] and services["sts"]["TotalAuthenticatedEntities"] == 0
    actions = {each["ActionName"]: each for each in services["iam"]["TrackedActionsLastAccessed"]}
    assert actions["ListGroups"]["LastAccessedEntity"] == arn("user/py-lou")
    assert actions["CreateRole"] == {"ActionName": "CreateRole"}
    entities = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")
    assert [each["EntityInfo"]["Name"] for each in entities["EntityDetailsList"]] == ["py-lou"]
    refused("NoSuchEntity", client("iam", **keys).get_service_last_accessed_details, JobId=job)
    granting = iam.list_policies_granting_service_access(Arn=arn("user/py-lou"), ServiceNamespaces=["iam", "s3"])
    assert granting["PoliciesGrantingServiceAccess"] == [
        {
            "ServiceNamespace": "iam",
            "Policies": [{"PolicyName": "own", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "py-lou"}],
        },
        {"ServiceNamespace": "s3", "Policies": []},
    ], granting


def roles_of_services():
    role = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="py")["Role"]
    name = "AWSServiceRoleForAutoScaling_py"
    assert role["RoleName"] == name and role["Path"] == "/aws-service-role/autoscaling.amazonaws.com/"
    kept = iam.get_role(RoleName=name)["Role"]
    assert kept["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "autoscaling.amazonaws.com"}
    for call, given in (
        (iam.delete_role, {}),
        (iam.attach_role_policy, {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        (iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": json.dumps(allow("*"))}),
        (iam.update_assume_role_policy, {"PolicyDocument": json.dumps(TRUST)}),
    ):
        said(refused("UnmodifiableEntity", call, RoleName=name, **given), f"the protected role '{name}'")
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    status = waited(
        lambda: next(
            (
                each
                for each in [iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"]]
                if each != "IN_PROGRESS"
            ),
            None,
        )
    )
    assert status == "SUCCEEDED"
    refused("NoSuchEntity", iam.get_role, RoleName=name)


def instance_profiles():
    iam.create_role(RoleName="py-worker", AssumeRolePolicyDocument=json.dumps(TRUST))
    made = iam.create_instance_profile(InstanceProfileName="py-machine", Path="/py/", Tags=TAGS)["InstanceProfile"]
    assert made["Roles"] == [] and made["Tags"] == TAGS
    one = {"InstanceProfileName": "py-machine", "RoleName": "py-worker"}
    iam.add_role_to_instance_profile(**one)
    said(
        refused("LimitExceeded", iam.add_role_to_instance_profile, **one),
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
    )
    [listed] = iam.list_instance_profiles_for_role(RoleName="py-worker")["InstanceProfiles"]
    assert listed["Roles"][0]["AssumeRolePolicyDocument"] == TRUST and "Tags" not in listed
    for call, given in (
        (iam.delete_role, {"RoleName": "py-worker"}),
        (iam.delete_instance_profile, {"InstanceProfileName": "py-machine"}),
    ):
        error = refused("DeleteConflict", call, **given)
        said(error, "Cannot delete entity, must remove roles from instance profile first.")
    iam.remove_role_from_instance_profile(**one)
    error = refused("NoSuchEntity", iam.remove_role_from_instance_profile, **one)
    said(error, "Role py-worker in Instance Profile py-machine cannot be found.")
    iam.delete_instance_profile(InstanceProfileName="py-machine")
    refused("NoSuchEntity", iam.get_instance_profile, InstanceProfileName="py-machine")


def tags_of_all_eight_kinds():
    iam.create_user(UserName="py-tagged")
    iam.create_role(RoleName="py-tagged", AssumeRolePolicyDocument=json.dumps(TRUST))
    policy = iam.create_policy(PolicyName="py-tagged", PolicyDocument=json.dumps(allow("s3:*")))["Policy"]["Arn"]
    iam.create_instance_profile(InstanceProfileName="py-tagged")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="py-tagged")["VirtualMFADevice"]["SerialNumber"]
    oidc = iam.create_open_id_connect_provider(Url="https://py-tagged.example")["OpenIDConnectProviderArn"]
    saml = iam.create_saml_provider(Name="py-tagged", SAMLMetadataDocument=file("metadata.xml"))["SAMLProviderArn"]
    iam.upload_server_certificate(
        ServerCertificateName="py-tagged", CertificateBody=file("leaf.pem"), PrivateKey=file("leaf.key")
    )
    for kind, folds, which in (
        ("user", True, {"UserName": "py-tagged"}),
        ("role", True, {"RoleName": "py-tagged"}),
        ("policy", False, {"PolicyArn": policy}),
        ("instance_profile", False, {"InstanceProfileName": "py-tagged"}),
        ("mfa_device", False, {"SerialNumber": device}),
        ("open_id_connect_provider", False, {"OpenIDConnectProviderArn": oidc}),
        ("saml_provider", False, {"SAMLProviderArn": saml}),
        ("server_certificate", False, {"ServerCertificateName": "py-tagged"}),
    ):
        tag, untag = getattr(iam, f"tag_{kind}"), getattr(iam, f"untag_{kind}")

        def listed(**more):
            return getattr(iam, f"list_{kind}_tags")(**which, **more)

        tag(**which, Tags=TAGS)
        assert listed()["Tags"] == TAGS, kind
        first = listed(MaxItems=1)
        assert first["IsTruncated"] and first["Tags"] == TAGS[:1]
        rest = listed(Marker=first["Marker"])
        assert not rest["IsTruncated"] and rest["Tags"] == TAGS[1:]
        tag(**which, Tags=[{"Key": "A", "Value": "2"}])
        values = sorted(each["Value"] for each in listed()["Tags"] if each["Key"].lower() == "a")
        assert values == (["2"] if folds else ["1", "2"]), (kind, values)
        twice = [{"Key": "k", "Value": "1"}, {"Key": "K" if folds else "k", "Value": "2"}]
        words = "Duplicate tag keys found." + (" Please note that Tag keys are case insensitive." if folds else "")
        error = refused("InvalidInput", tag, **which, Tags=twice)
        assert error.response["Error"]["Message"] == words, (kind, error)
        refused("ValidationError", tag, **which, Tags=[{"Key": f"k{at}", "Value": "v"} for at in range(51)])
        tag(**which, Tags=[{"Key": f"k{at}", "Value": "v"} for at in range(50 - len(listed()["Tags"]))])
        error = refused("LimitExceeded", tag, **which, Tags=[{"Key": "one more", "Value": "v"}])
        said(error, "The number of tags has reached the maximum limit.")
        untag(**which, TagKeys=["a", "A", "b", "never there"])
        assert not [each for each in listed()["Tags"] if not each["Key"].startswith("k")], kind


def simulations():
    user("py-sim", allow("s3:Get*"))
    conditional = allow("ec2:*")
    conditional["Statement"][0]["Condition"] = {"StringEquals": {"ec2:Owner": "me"}}
    results = iam.simulate_principal_policy(
        PolicySourceArn=arn("user/py-sim"),
        ActionNames=["s3:GetObject", "s3:PutObject", "ec2:RunInstances"],
        PolicyInputList=[json.dumps(conditional)],
        ResourceArns=["arn:aws:s3:::box/one", "arn:aws:s3:::box/two"],
    )["EvaluationResults"]
    assert [(each["EvalActionName"], each["EvalDecision"]) for each in results] == [
        ("s3:GetObject", "allowed"),
        ("s3:PutObject", "implicitDeny"),
        ("ec2:RunInstances", "implicitDeny"),
    ], results
    assert results[2]["MissingContextValues"] == ["ec2:Owner"]
    assert len(results[0]["ResourceSpecificResults"]) == 2
    [statement] = results[0]["MatchedStatements"]
    assert statement["SourcePolicyType"] == "IAM Policy" and statement["StartPosition"]["Line"] == 1
    custom = iam.simulate_custom_policy(
        PolicyInputList=[json.dumps(conditional)],
        PermissionsBoundaryPolicyInputList=[json.dumps(allow("s3:*"))],
        ActionNames=["ec2:RunInstances"],
        ContextEntries=[{"ContextKeyName": "ec2:Owner", "ContextKeyType": "string", "ContextKeyValues": ["me"]}],
    )["EvaluationResults"]
    assert custom[0]["EvalDecision"] == "implicitDeny"
    assert custom[0]["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[json.dumps(allow("s3:*"))],
        ActionNames=["s3:A", "s3:B", "s3:C"],
        PaginationConfig={"PageSize": 2},
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 1]
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[json.dumps(conditional)])["ContextKeyNames"]
    assert keys == ["ec2:Owner"]
    principal = iam.get_context_keys_for_principal_policy(
        PolicySourceArn=arn("user/py-sim"), PolicyInputList=[json.dumps(conditional)]
    )
    assert principal["ContextKeyNames"] == ["ec2:Owner"]
    refused("NoSuchEntity", iam.simulate_principal_policy, PolicySourceArn=arn("user/none"), ActionNames=["s3:A"])


def who_holds_a_policy():
    policy = iam.create_policy(PolicyName="py-held", PolicyDocument=json.dumps(allow("s3:*")))["Policy"]["Arn"]
    iam.create_user(UserName="py-holder", Path="/py-held/")
    iam.create_group(GroupName="py-holder", Path="/py-held/")
    iam.create_role(RoleName="py-holder", AssumeRolePolicyDocument=json.dumps(TRUST), PermissionsBoundary=policy)
    iam.attach_user_policy(UserName="py-holder", PolicyArn=policy)
    iam.attach_group_policy(GroupName="py-holder", PolicyArn=policy)

    def names(**more):
        answer = iam.list_entities_for_policy(PolicyArn=policy, **more)
        return [
            [each[f"{kind}Name"] for each in answer[f"Policy{kind}s"]] for kind in ("User", "Group", "Role")
        ]

    assert names() == [["py-holder"]] * 3
    assert names(PolicyUsageFilter="PermissionsPolicy") == [["py-holder"], ["py-holder"], []]
    assert names(PolicyUsageFilter="PermissionsBoundary") == [[], [], ["py-holder"]]
    assert names(EntityFilter="User") == [["py-holder"], [], []]
    assert names(PathPrefix="/py-held/") == [["py-holder"], ["py-holder"], []]
    pages = iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=policy, PaginationConfig={"PageSize": 1})
    assert len(list(pages)) == 3


def what_there_is_not():
    for call in (
        iam.list_organizations_features,
        iam.enable_organizations_root_credentials_management,
        iam.disable_organizations_root_credentials_management,
        iam.enable_organizations_root_sessions,
        iam.disable_organizations_root_sessions,
    ):
        error = refused("OrganizationNotFoundException", call)
        said(error, "No organization is associated with your account.")
    job = iam.generate_organizations_access_report(EntityPath="o-a1b2c3d4e5/r-f6g7h8")["JobId"]
    report = iam.get_organizations_access_report(JobId=job)
    assert report["JobStatus"] == "FAILED" and report["ErrorDetails"]["Code"] == "OrganizationNotFoundException"

    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    info = iam.get_outbound_web_identity_federation_info()
    assert (info["IssuerIdentifier"], info["JwtVendingEnabled"]) == (issuer, True)
    refused("FeatureEnabled", iam.enable_outbound_web_identity_federation)
    iam.disable_outbound_web_identity_federation()
    refused("FeatureDisabled", iam.disable_outbound_web_identity_federation)

    template = "arn:aws:iam::aws:delegation-template/t"
    request = {
        "Description": "words",
        "Permissions": {"PolicyTemplateArn": template},
        "RequestorWorkflowId": "12345",
        "NotificationChannel": f"arn:aws:sns:us-east-1:{HOME}:t",
        "SessionDuration": 3600,
    }
    error = refused("InvalidInput", iam.create_delegation_request, **request)
    said(error, f"Policy template {template} is not registered for account {HOME}.")
    refused("ValidationError", iam.create_delegation_request, **{**request, "SessionDuration": 43201})
    assert iam.list_delegation_requests()["DelegationRequests"] == []
    for verb in ("accept", "associate", "get", "reject", "update"):
        call = getattr(iam, f"{verb}_delegation_request")
        said(refused("NoSuchEntity", call, DelegationRequestId="0" * 16), "cannot be found.")
    refused("NoSuchEntity", iam.send_delegation_token, DelegationRequestId="0" * 16)
    error = refused("ValidationError", sts.get_delegated_access_token, TradeInToken="a-secret-word")
    assert "a-secret-word" not in str(error)


CHECKS = [
    passwords,
    second_factors,
    keys_and_certificates_of_users,
    server_certificates,
    identity_providers,
    what_an_account_is,
    reports,
    roles_of_services,
    instance_profiles,
    tags_of_all_eight_kinds,
    simulations,
    who_holds_a_policy,
    what_there_is_not,
]

if __name__ == "__main__":
    outcome_of(CHECKS)
