#!/bin/sh
# /usr/lib/muster/notebook-server: JupyterLab, as muster-jupyter.service starts it. What nothing may change is here: a command line comes before
# any file of settings, the user's own among them.
set -eu
environment=/usr/lib/muster/notebook
cd "$HOME"
export PATH="$environment/bin:$HOME/.local/bin:/usr/local/bin:/usr/bin:/bin" JUPYTER_PATH=/usr/lib/muster/jupyter
# labconfig/page_config.json: without it, each person is asked once whether Jupyter's news are to be fetched.
export JUPYTER_CONFIG_PATH=/usr/lib/muster/jupyter
exec "$environment/bin/python" -P -m jupyterlab --config=/usr/lib/muster/jupyter/jupyter_server_config.py \
  --ServerApp.ip=127.0.0.1 --ServerApp.port=8888 --ServerApp.port_retries=0 --ServerApp.base_url=/notebook/ \
  --ServerApp.allow_remote_access=True --ServerApp.allow_root=False --no-browser
