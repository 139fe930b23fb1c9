import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedList;
import java.util.Scanner;
import umontreal.ssj.randvar.ExponentialGen;
import umontreal.ssj.rng.MRG32k3a;
import umontreal.ssj.simevents.Event;
import umontreal.ssj.simevents.Sim;

/**
 * Model A in SSJ (Java), by events as its call centre example is: a stream of MRG32k3a for each kind of draw, an event
 * for each loss of patience, cancelled when the call is answered.
 *
 * Recorded for each call: offered, answered (NaN if nobody answered) and ended, in three arrays that grow. Calls still
 * there at the end of the last day are not recorded. Times in minutes.
 *
 * Speaks the lines of worker.py. CPU time is that of the whole virtual machine: its compiler and its collector too.
 */
public final class SsjA {
    private static final int AGENTS = 50;

    private final ExponentialGen gaps;
    private final ExponentialGen talks;
    private final ExponentialGen patiences;
    private final LinkedList<Call> waiting = new LinkedList<>();
    private int busy = 0;

    private double[] offered = new double[1024];
    private double[] answered = new double[1024];
    private double[] ended = new double[1024];
    private int n = 0;

    private SsjA(long seed) {
        long[] state = new long[6];
        Arrays.fill(state, 12345 + seed);
        MRG32k3a.setPackageSeed(state);
        gaps = new ExponentialGen(new MRG32k3a(), 16.0);
        talks = new ExponentialGen(new MRG32k3a(), 1.0 / 3);
        patiences = new ExponentialGen(new MRG32k3a(), 1.0 / 4);
    }

    /** One call; as an event it is its own loss of patience. */
    private final class Call extends Event {
        final double start = Sim.time();
        double answer = Double.NaN;

        void arrive() {
            if (busy < AGENTS) {
                serve();
            } else {
                waiting.addLast(this);
                schedule(patiences.nextDouble());
            }
        }

        void serve() {
            busy++;
            answer = Sim.time();
            new EndOfTalk(this).schedule(talks.nextDouble());
        }

        @Override
        public void actions() {
            waiting.remove(this);
            record(this);
        }
    }

    private final class EndOfTalk extends Event {
        private final Call call;

        EndOfTalk(Call call) {
            this.call = call;
        }

        @Override
        public void actions() {
            busy--;
            record(call);
            if (!waiting.isEmpty()) {
                Call next = waiting.removeFirst();
                next.cancel();
                next.serve();
            }
        }
    }

    private final class Arrival extends Event {
        @Override
        public void actions() {
            schedule(gaps.nextDouble());
            new Call().arrive();
        }
    }

    private static final class End extends Event {
        @Override
        public void actions() {
            Sim.stop();
        }
    }

    private void record(Call call) {
        if (n == offered.length) {
            offered = Arrays.copyOf(offered, 2 * n);
            answered = Arrays.copyOf(answered, 2 * n);
            ended = Arrays.copyOf(ended, 2 * n);
        }
        offered[n] = call.start;
        answered[n] = call.answer;
        ended[n] = Sim.time();
        n++;
    }

    private static SsjA run(double days, long seed) {
        Sim.init();
        SsjA centre = new SsjA(seed);
        new End().schedule(1440.0 * days);
        centre.new Arrival().schedule(centre.gaps.nextDouble());
        Sim.start();
        return centre;
    }

    public static void main(String[] arguments) {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        System.out.println("ready " + (arguments.length > 0 ? arguments[0] : "unknown"));
        Scanner input = new Scanner(System.in);
        while (input.hasNext()) {
            double days = Double.parseDouble(input.next());
            long seed = Long.parseLong(input.next());
            System.gc();
            long before = system.getProcessCpuTime();
            SsjA centre = run(days, seed);
            double cpu = (system.getProcessCpuTime() - before) * 1e-9;
            int lost = 0;
            double waits = 0;
            for (int i = 0; i < centre.n; i++) {
                boolean gone = Double.isNaN(centre.answered[i]);
                lost += gone ? 1 : 0;
                waits += (gone ? centre.ended[i] : centre.answered[i]) - centre.offered[i];
            }
            System.out.println(cpu + " " + centre.n + " " + lost + " " + 60 * waits);
        }
    }
}
