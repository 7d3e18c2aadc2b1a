PRAGMA application_id = 1919118444;
CREATE TABLE change (
      revision bigint NOT NULL, kind text NOT NULL, id text NOT NULL, PRIMARY KEY (revision, kind, id));
CREATE TABLE entity (
      kind text NOT NULL, id text NOT NULL, revision bigint NOT NULL, body text NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE head (revision bigint NOT NULL);
CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE trail_run (
      run INTEGER PRIMARY KEY, account text NOT NULL, request_id text, decision text, records text NOT NULL);
CREATE INDEX decision_by_account ON trail_run (account, run) WHERE decision IS NOT NULL;
CREATE INDEX decision_by_request ON trail_run (request_id) WHERE decision IS NOT NULL;
CREATE INDEX trail_by_account ON trail_run (account, run);
INSERT INTO meta (name, value) VALUES ('schema', '2');
INSERT INTO head (revision) VALUES (3);
INSERT INTO entity (kind, id, revision, body) VALUES ('token-key', '6f9f93d2', 1, '{"kind":"token-key","id":"6f9f93d2","secret":"4CtPIPJM5dnpE5rTT/ACd5rtpvN04gwzBFFgRcJhwfM=","createdAt":1795412835552}');
INSERT INTO entity (kind, id, revision, body) VALUES ('account', '111122223333', 1, '{"kind":"account","createdAt":1795412835000,"id":"111122223333","name":"main","home":true}');
INSERT INTO entity (kind, id, revision, body) VALUES ('user', 'AIDAUVEZY2PWU67H3T56C', 1, '{"kind":"user","account":"111122223333","id":"AIDAUVEZY2PWU67H3T56C","name":"administrator","path":"/","createdAt":1795412835000,"inline":[],"attached":["arn:aws:iam::aws:policy/AdministratorAccess"],"tags":[],"groups":[]}');
INSERT INTO entity (kind, id, revision, body) VALUES ('access-key', 'AKIARTX3GSDSTLV7GEMT', 2, '{"kind":"access-key","id":"AKIARTX3GSDSTLV7GEMT","account":"111122223333","owner":"AIDAUVEZY2PWU67H3T56C","secret":"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","status":"Active","createdAt":1795412835000,"lastUsed":{"at":1795412838000,"service":"iam","region":"us-east-1"}}');
INSERT INTO entity (kind, id, revision, body) VALUES ('access-key', 'AKIARTX3GSDSUN24LM53', 1, '{"kind":"access-key","id":"AKIARTX3GSDSUN24LM53","account":"111122223333","owner":"111122223333","secret":"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","status":"Active","createdAt":1795412835000}');
INSERT INTO entity (kind, id, revision, body) VALUES ('user', 'AIDAW64C6XGQGTISCVWZ4', 2, '{"kind":"user","id":"AIDAW64C6XGQGTISCVWZ4","account":"111122223333","name":"ada","path":"/","createdAt":1795412838000,"tags":[],"inline":[],"attached":[],"groups":[]}');
INSERT INTO entity (kind, id, revision, body) VALUES ('access-key', 'AKIARTX3GSDS43VK7AYG', 3, '{"kind":"access-key","id":"AKIARTX3GSDS43VK7AYG","account":"111122223333","owner":"AIDAW64C6XGQGTISCVWZ4","secret":"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","status":"Active","createdAt":1795412839000}');
INSERT INTO change (revision, kind, id) VALUES (1, 'token-key', '6f9f93d2');
INSERT INTO change (revision, kind, id) VALUES (1, 'account', '111122223333');
INSERT INTO change (revision, kind, id) VALUES (1, 'user', 'AIDAUVEZY2PWU67H3T56C');
INSERT INTO change (revision, kind, id) VALUES (1, 'access-key', 'AKIARTX3GSDSTLV7GEMT');
INSERT INTO change (revision, kind, id) VALUES (1, 'access-key', 'AKIARTX3GSDSUN24LM53');
INSERT INTO change (revision, kind, id) VALUES (2, 'access-key', 'AKIARTX3GSDSTLV7GEMT');
INSERT INTO change (revision, kind, id) VALUES (2, 'user', 'AIDAW64C6XGQGTISCVWZ4');
INSERT INTO change (revision, kind, id) VALUES (3, 'access-key', 'AKIARTX3GSDS43VK7AYG');
INSERT INTO trail_run (run, account, request_id, decision, records) VALUES (1, '111122223333', NULL, NULL, '1795412838605	7dc72735-d9c1-40e3-ba5f-2e520edb6a34	02824533-f975-4842-8c71-ad4468dede33	{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAUVEZY2PWU67H3T56C","arn":"arn:aws:iam::111122223333:user/administrator","accountId":"111122223333","accessKeyId":"AKIARTX3GSDSTLV7GEMT","userName":"administrator"},"eventTime":"2026-11-23T05:47:18Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","sourceIPAddress":"127.0.0.1","userAgent":"aws-cli/1.45.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.18.44-fc-v669 md/arch#x86_64 lang/python#3.11.7 md/pyimpl#CPython m/Z,b,g,N,D cfg/retry-mode#legacy botocore/1.43.11","requestParameters":{"userName":"ada"},"responseElements":{"user":{"path":"/","userName":"ada","userId":"AIDAW64C6XGQGTISCVWZ4","arn":"arn:aws:iam::111122223333:user/ada","createDate":"Nov 23, 2026, 5:47:18 AM"}},"requestID":"02824533-f975-4842-8c71-ad4468dede33","eventID":"7dc72735-d9c1-40e3-ba5f-2e520edb6a34","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}');
INSERT INTO trail_run (run, account, request_id, decision, records) VALUES (2, '111122223333', NULL, NULL, '1795412839325	fcd409ac-1bd9-4b65-bb89-eb372bba4dc6	34be6c4f-40ec-4d8e-97eb-7bc61164c047	{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAUVEZY2PWU67H3T56C","arn":"arn:aws:iam::111122223333:user/administrator","accountId":"111122223333","accessKeyId":"AKIARTX3GSDSTLV7GEMT","userName":"administrator"},"eventTime":"2026-11-23T05:47:19Z","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"us-east-1","sourceIPAddress":"127.0.0.1","userAgent":"aws-cli/1.45.11 md/Botocore#1.43.11 ua/2.1 os/linux#6.18.44-fc-v669 md/arch#x86_64 lang/python#3.11.7 md/pyimpl#CPython m/D,N,Z,b,g cfg/retry-mode#legacy botocore/1.43.11","requestParameters":{"userName":"ada"},"responseElements":{"accessKey":{"userName":"ada","accessKeyId":"AKIARTX3GSDS43VK7AYG","status":"Active","createDate":"Nov 23, 2026, 5:47:19 AM"}},"requestID":"34be6c4f-40ec-4d8e-97eb-7bc61164c047","eventID":"fcd409ac-1bd9-4b65-bb89-eb372bba4dc6","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}');
