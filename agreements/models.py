"""What Django looks for; each subject keeps its own rows, and nothing of ours imports this."""

from agreements.charters import models as charters
from agreements.decisions import models as decisions
from agreements.goals import models as goals

__all__ = ["charters", "decisions", "goals"]
