import pytest

from magnetar.files.privacy import PathPolicy

DENIED = """
    .env .env.local .env.production .ENV .Env.Local app/.env .envrc prod.env config/staging.env .env.example.local .env/bin/python
    id_rsa id_rsa.bak keys/id_ed25519 id_ecdsa_sk deploy_id_rsa ID_RSA id_rsa_github ssh_host_rsa_key
    server.pem tests/fixtures/server.PEM tls.key app.p8 cert.p12 cert.pfx store.jks release.keystore putty.ppk ca.crt ca.cer ca.der
    private.asc my-secret-key.asc secring.gpg release.mobileprovision
    .aws/credentials .aws/config home/.aws/credentials .netrc _netrc .pgpass .git-credentials .npmrc .pypirc .docker/config.json
    .kube/config .config/gcloud/credentials.db application_default_credentials.json credentials.json client_secret_123.json
    service-account.json my-service_account-prod.json serviceAccountKey.json app-firebase-adminsdk-x1.json
    terraform.tfstate terraform.tfstate.backup prod.tfvars prod.auto.tfvars.json .terraformrc
    .m2/settings.xml .cargo/credentials.toml .gem/credentials .composer/auth.json .config/gh/hosts.yml .htpasswd .vault_pass.txt
    master.key config/credentials/production.key kubeconfig client.ovpn keystore.properties
    passwords.kdbx old.kdb my.agilekeychain/data.1password export.1pif safe.psafe3 wallet.dat
    .bash_history .zsh_history .python_history .psql_history .node_repl_history .mysql_history .rediscli_history .history .lesshst .viminfo
    fish_history ConsoleHost_history.txt .wget-hsts
    .git .git/config sub/.git/HEAD .hg/hgrc .svn/entries .jj/repo .ssh/config .ssh/known_hosts .gnupg/pubring.kbx .password-store/a.gpg CVS/Root
    .env. .env::$DATA id_rsa::$DATA server.pem. .ssh./config
    .g\u200cit/config \ufeff.env .\u017fsh/config .\u212aube/config \uff0eenv server.\u2060pem
""".split()
SERVED = """
    .env.example .env.sample .env.template .env.dist .ENV.EXAMPLE app/.env.example example.env
    environment.ts env.py env/bin.py .environment/../a.py src/env.d.ts process.env.ts dotenv.js
    config.json package.json settings.json secrets.py secret.go secrets/manager.py keys.ts key.go key key/a.py monkey.py keyboard.js
    pem.py pem crt/a.py tokens.py credentials.py credentials/store.ts src/credentials/index.ts passwords.md password_reset.html auth.json
    id_rsa_parser.py rsa.py test_id_rsa_loading.py private.py private/notes.md certificate.go certs.md history.py history.md
    .gitignore .gitattributes .gitmodules .github/workflows/ci.yml .gitlab-ci.yml git/a.py ssh/a.py .sshconfig.md docker/config.json
    kube/config.py main.tf variables.tf terraform.tfvars.example .terraform.lock.hcl service_account.py firebase.json README.asc guide.adoc
    .vscode/settings.json .editorconfig .python-version .nvmrc .prettierrc .dockerignore Dockerfile wallet.ts keystore.py env
""".split()


@pytest.mark.parametrize("path", DENIED)
def test_a_secret_path_is_denied_by_any_slash_and_case(path):
    policy = PathPolicy()
    assert policy.denied(path)
    assert policy.denied(path.replace("/", "\\"))
    assert policy.denied(path.upper())
    assert policy.denied(f"some/where/{path}")
    assert policy.denied(f"{path}/inside.txt")


@pytest.mark.parametrize("path", [path for path in SERVED if ".." not in path])
def test_an_ordinary_path_is_not(path):
    assert not PathPolicy().denied(path)
    assert not PathPolicy().denied(f"some/where/{path}")


def test_globs_are_added_and_take_nothing_away():
    policy = PathPolicy(("*.sql", "/private/", "!.env", "docs/**/draft-*", "#notes"))
    assert policy.denied("a.sql")
    assert policy.denied("deep/B.SQL")
    assert policy.denied("private/a.py")
    assert not policy.denied("deep/private/a.py")
    assert policy.denied("docs/a/b/draft-1.md")
    assert not policy.denied("docs/a/b/final.md")
    assert policy.denied("#notes")
    assert policy.denied(".env")
    assert not policy.denied("a.py")


def test_a_name_that_is_no_unicode_is_judged_like_any_other():
    policy = PathPolicy(("*.sql",))
    assert not policy.denied("a\udcff.py")
    assert policy.denied("a\udcff.pem")
    assert policy.denied("a\udcff.sql")
