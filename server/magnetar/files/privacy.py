"""Which paths are never read, whatever a setting says: secrets by their name and place.

The names speak of credentials, keys, certificates, password databases, histories and version control's own files. Any
part of a path counts, in any case, with either slash. What a file holds is `secrets.py`'s business.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from magnetar.files.patterns import Patterns

VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".bzr", ".jj", ".sl", ".pijul", "_darcs", ".fslckout"})
"""What version control keeps for itself."""
_DIRECTORIES_AND_FILES = """
    .ssh .gnupg .pki .password-store .aws .azure .gcloud .oci .chef .history .secrets .vault-token
    .netrc _netrc .pgpass pgpass.conf .my.cnf .mylogin.cnf .git-credentials .npmrc .pypirc .htpasswd .dockercfg .boto
    .s3cfg .passwd-s3fs .terraformrc terraform.rc .rhosts .msmtprc .esmtprc .fetchmailrc .smbcredentials
    .databrickscfg .snowsql .snowflake .condarc .ansible_vault_pass .vault_pass .vault_pass.txt .cloudflared
    credentials.json credentials.toml credentials.db access_tokens.db accesstokens.json
    application_default_credentials.json legacy_credentials master.key keystore.properties key.properties
    kubeconfig wallet.dat logins.json key3.db key4.db signons.sqlite cookies.sqlite login.keychain private-keys-v1.d
    consolehost_history.txt fish_history secring.gpg
"""
_DENIED_EXTENSIONS = """
    pem key p8 p12 pfx pkcs12 jks jceks keystore truststore bks bcfks ppk pvk snk
    crt cer cert der p7b p7c p7s csr crl mobileprovision provisionprofile
    kdbx kdb psafe3 agilekeychain opvault 1pif 1pux enpassdb keychain keychain-db kwallet walletx
    tfstate tfvars ovpn kubeconfig
"""
_PLACES = """
    .docker/config.json .kube/config .config/gcloud .config/gh/hosts.yml .config/hub .config/op .config/rclone
    .gem/credentials .cargo/credentials .cargo/credentials.toml .m2/settings.xml .m2/settings-security.xml
    .gradle/gradle.properties .composer/auth.json .nuget/nuget.config .terraform.d/credentials.tfrc.json
    .streamlit/secrets.toml .bundle/config .mozilla/firefox .electrum/wallets cvs/root cvs/entries cvs/repository
"""
_SAFE_WORDS = r"(?:example|sample|template|dist)"
_SHAPES = (
    rf"(?!\.env\.{_SAFE_WORDS}\Z)\.env.*",
    rf"(?!{_SAFE_WORDS}\.env\Z).+\.env",
    r"(?:.+[._-])?id_(?:rsa|dsa|ecdsa|ed25519|xmss|ecdsa_sk|ed25519_sk)(?:\.[^.]+|[-_][^.]*)?",
    r"(?:.*[._-])?(?:private|secret|secring|priv)(?:[._-].*)?\.(?:asc|gpg|pgp)",
    r"client_?secrets?(?:[._-].*)?\.json",
    r"(?:.*[._-])?(?:service[_-]?account|firebase-adminsdk|gcp[_-]?key|gcloud[_-]?key)(?:s|keys?|[._-].*)?\.json",
    r"\.(?:[a-z0-9]+[_-])*(?:history|hist|hsts|zhistory|rhistory|dbshell|lesshst|viminfo|viminfo\.tmp)",
    r"\.?vault[_-]?pass(?:word)?(?:[._-].*)?",
    r".*\.tf(?:state|vars)\.(?:backup|json|\d+\.backup|bak)",
    r"ssh_host_.*_key",
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAMES = VERSION_CONTROL | _words(_DIRECTORIES_AND_FILES)
_EXTENSIONS = _words(_DENIED_EXTENSIONS)
_SHAPE_HINT = re.compile(r"env|id_|priv|sec|service|firebase|gc|hist|hsts|dbshell|lesshst|viminfo|vault|tf|ssh_host")
"""Stands in every name that one of the shapes matches, and is faster to look for."""
_NAME_SHAPE = re.compile("|".join(f"(?:{shape})" for shape in _SHAPES), re.DOTALL)
_PLACE_SHAPE = re.compile("(?:^|/)(?:" + "|".join(re.escape(place) for place in sorted(_words(_PLACES))) + r")\Z")

_MOST_KNOWN = 16_384
"""So many paths' verdicts are remembered."""


class PathPolicy:
    """The built-in rules, and globs that a user adds to them; nothing takes one away.

    Args:
        extra_globs: Written like lines of a `.gitignore`; a `!` in front has no meaning here and is part of the name.
    """

    def __init__(self, extra_globs: Iterable[str] = ()) -> None:
        lines = [line.replace("\\", "/") if os.sep == "\\" else line for line in extra_globs]
        escaped = ("\\" + line if line.startswith(("!", "#")) else line for line in lines)
        self._extra = Patterns("\n".join(escaped).encode(), fold_case=True) if lines else None
        self._known = lru_cache(_MOST_KNOWN)(self._denied)

    def denied(self, relative: str) -> bool:
        """Whether a path below the folder is never read, be it for its own name or for a directory it is in."""
        return self._known(relative)

    def _denied(self, relative: str) -> bool:
        parts = [part for part in relative.replace("\\", "/").split("/") if part]
        last = len(parts)
        return any(self.denied_entry("/".join(parts[:end]), is_dir=end < last) for end in range(1, last + 1))

    def denied_entry(self, relative: str, *, is_dir: bool) -> bool:
        """The same where the directories above are known not to be denied, which is faster."""
        folded = _folded(relative)
        name = folded.rpartition("/")[2]
        if _denied_name(name) or _PLACE_SHAPE.search(folded) is not None:
            return True
        return self._extra is not None and bool(
            self._extra.verdict(os.fsencode(relative), os.fsencode(relative.rpartition("/")[2]), is_dir=is_dir)
        )


def _folded(path: str) -> str:
    """A path as the most lenient file system reads it: in any case, and without the characters that macOS passes over."""
    if path.isascii():
        return path.lower()
    kept = "".join(letter for letter in path if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", kept).casefold()


def _denied_name(name: str) -> bool:
    # Windows opens `.env` under these names too: `.env.`, `.env `, `.env::$DATA`
    plain = name.split(":", 1)[0].rstrip(". ")
    return _denied_plain_name(name) or (plain != name and _denied_plain_name(plain))


def _denied_plain_name(name: str) -> bool:
    stem, dot, extension = name.rpartition(".")
    return (
        name in _NAMES
        or (extension in _EXTENSIONS and stem + dot != "")
        or (_SHAPE_HINT.search(name) is not None and _NAME_SHAPE.fullmatch(name) is not None)
    )
