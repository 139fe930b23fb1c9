"""Metrics of a log. Importing this package fills the register with every metric that is shipped."""

# isort: off
from cxsim.metrics import accessibility as accessibility
from cxsim.metrics import handling as handling
from cxsim.metrics import response as response
from cxsim.metrics import chat as chat
from cxsim.metrics import outbound as outbound
from cxsim.metrics import workload as workload
from cxsim.metrics import demand as demand
from cxsim.metrics import first_contact as first_contact
from cxsim.metrics import resolution as resolution
from cxsim.metrics import transfers as transfers
from cxsim.metrics import levels as levels
from cxsim.metrics import reopens as reopens
from cxsim.metrics import self_service as self_service
from cxsim.metrics import efforts as efforts
from cxsim.metrics import perception_scores as perception_scores
from cxsim.metrics import comments as comments
from cxsim.metrics import financial as financial
from cxsim.metrics import costs as costs
from cxsim.metrics import worth as worth
from cxsim.metrics import workforce as workforce
from cxsim.metrics import attendance as attendance
from cxsim.metrics import schedules as schedules
