from errbot import BotPlugin, botcmd


class Status(BotPlugin):
    """get-status for the benchmark."""

    @botcmd(name="get-status")
    def get_status(self, msg, args):
        """Say how a machine is."""
        return f"{args} is currently running for 3 hours"
