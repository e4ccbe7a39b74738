"""Which action has to come before a rare one."""

from collections.abc import Mapping

from dispatch.petitions import KINDS
from dispatch.transitions import Action

# what has to be there first; the machine goes this way when it is after something rare
FIRST: Mapping[Action, Action] = {
    **{kind.grant: kind.ask for kind in KINDS.values()},
    Action.ASK_RENEW: Action.RECHECK,
    Action.RECHECK: Action.ORDER_RECHECK,
    Action.ORDER_RECHECK: Action.SUSPEND,
    Action.RECALL: Action.DISPATCH,
    Action.RESUME: Action.SUSPEND,
    Action.REOPEN: Action.SUSPEND,
    Action.REFUSE: Action.ASK_VOID,
    Action.AGREE: Action.ASK_CONTEST,
    Action.EXEMPT: Action.AGREE,
    Action.WITHDRAW: Action.ASK_SUSPEND,
    Action.SURVEY: Action.ORDER_SURVEY,
    Action.ARRIVE: Action.TELEPHONE,
    Action.TELEPHONE: Action.URGENCY,
    Action.REPORT_BACK: Action.SUPERVISE,
    Action.END_PUSH: Action.REPORT_BACK,
    Action.RECALL: Action.DISPATCH,
    Action.UNMERGE: Action.MERGE,
    Action.WHISTLE_ANSWER: Action.WHISTLE,
    Action.WHISTLE_RESULT: Action.WHISTLE,
    Action.REVOKE_INVITE: Action.INVITE,
    Action.INVITE_REFUSED: Action.INVITE,
    Action.FOLLOW_UP: Action.CALLBACK,
}
