import logging

# Slow steps are no news on a machine that runs other tests as well.
logging.getLogger("asyncio").setLevel(logging.ERROR)
