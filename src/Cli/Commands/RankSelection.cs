using System.Globalization;
using System.Runtime.InteropServices;
using IlgpuSpp.Distributed;
using IlgpuSpp.Distributed.Mpi;

namespace IlgpuSpp.Cli.Commands;

/// <summary>The options of a command that several processes run together, and how such a command ends.</summary>
internal sealed class RankSelection
{
    private const string Mpi = "mpi";

    // So that rank 0, which mostly meets the same error, tells it and ends all.
    private static readonly TimeSpan OthersWait = TimeSpan.FromSeconds(3), PassingOn = TimeSpan.FromSeconds(0.3);

    private readonly Option<string?> _distributed = new("--distributed") { Description = "Train with the processes that mpirun or srun started: mpi. Rank 0 writes the run; see docs/distributed.md.", HelpName = "how" };
    private readonly Option<double> _timeout = new("--collective-timeout") { Description = "With --distributed: seconds after which a process that does not answer the others ends all.", DefaultValueFactory = _ => 300, HelpName = "s" };

    public RankSelection()
    {
        _distributed.Validators.Add(result =>
        {
            if (result.Tokens is [var word] && word.Value != Mpi) result.AddError($"--distributed takes {Mpi}, not '{word.Value}'.");
        });
        _timeout.Validators.Add(result =>
        {
            // What is no number is refused as that of any option.
            if (result.Tokens is [var number] && double.TryParse(number.Value, CultureInfo.InvariantCulture, out double seconds) && seconds is not (> 0 and <= 86400)) result.AddError("--collective-timeout must be above 0 and at most 86400 seconds.");
        });
    }

    public IReadOnlyList<Option> Options => [_distributed, _timeout];

    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_distributed) is not null;

    /// <summary>
    /// Has a process that is started with others write plain lines. OpenMPI gives a rank a terminal of its own, into which .NET would write a terminal's escape
    /// sequence before the first line; so this comes before anything else touches the console.
    /// </summary>
    /// <param name="arguments">The command line.</param>
    public static void LeaveTerminal(IReadOnlyList<string> arguments)
    {
        if (arguments.Any(argument => argument.Split('=', ':')[0] == "--distributed")) Environment.SetEnvironmentVariable("TERM", "dumb");
    }

    /// <summary>Does the work as one rank, or as the only process where none is asked for. What ends one rank by an error ends all.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="work">Gives the exit code.</param>
    public int Run(ParseResult parsed, Func<ICollective, int> work)
    {
        if (!IsGiven(parsed))
        {
            using var single = new SingleProcess();
            return work(single);
        }
        bool terminated = false;
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => terminated = true);
        using MpiCollective ranks = MpiCollective.Join(TimeSpan.FromSeconds(parsed.GetValue(_timeout)));
        try
        {
            int code = work(ranks);
            return code == ExitCode.Interrupted && AnyTerminated(ranks, terminated) ? ExitCode.Terminated : code;
        }
        catch (OperationCanceledException) when (ranks.Size > 1)
        {
            // Before the first step: there is nothing to save.
            int code = terminated ? ExitCode.Terminated : ExitCode.Interrupted;
            ranks.Abort(code);
            return code;
        }
        catch (Exception error) when (ranks.Size > 1)
        {
            if (ranks.Rank != 0 && error is not RankLostException) Thread.Sleep(OthersWait);
            int code = CommandAction.Tell(parsed, error, RankLine(ranks, error));
            // The launcher passes the line on, which it does not for processes that it ends.
            Thread.Sleep(PassingOn);
            ranks.Abort(code);
            return code;
        }
    }

    private static string RankLine(MpiCollective ranks, Exception error) => error is DistributedException ? "" : $"rank {ranks.Rank} on {ranks.Hosts[ranks.Rank]}: ";

    private static bool AnyTerminated(MpiCollective ranks, bool terminated)
    {
        byte[] all = new byte[ranks.Size];
        ranks.AllGather([terminated ? (byte)1 : (byte)0], all);
        return all.Contains((byte)1);
    }
}
