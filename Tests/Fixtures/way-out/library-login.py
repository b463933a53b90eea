"""A login by a library as it comes from PyPI, which opens the page with `webbrowser` and
listens for the answer itself.

  library-login.py PAGE TOKEN        the bases of authorization-server.py
"""
import sys

from google_auth_oauthlib.flow import InstalledAppFlow

flow = InstalledAppFlow.from_client_config(
    {"installed": {"client_id": "made-client", "client_secret": "",
                   "auth_uri": f"{sys.argv[1]}/authorize", "token_uri": f"{sys.argv[2]}/token",
                   "redirect_uris": ["http://localhost"]}},
    scopes=["tools:read"], autogenerate_code_verifier=True)
credentials = flow.run_local_server(port=0, timeout_seconds=60, success_message="done")
print("token", credentials.token)
