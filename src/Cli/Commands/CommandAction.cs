using System.Runtime.InteropServices;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Runs a command's work and turns what goes wrong into one line and an exit code.</summary>
internal static class CommandAction
{
    // How long work that saves nothing may take to end and remove what is half written; it may be blocked in a read.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.5);

    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Show where an error came from." };

    /// <summary>Adds the work to a command. A signal cancels the token and ends the command at once.</summary>
    public static void Set(Command command, Func<ParseResult, CancellationToken, int> work) => Set(command, work, saves: false);

    /// <summary>Adds work that saves what it has when it is cancelled: after the first signal it is waited for.</summary>
    public static void SetSaving(Command command, Func<ParseResult, CancellationToken, int> work) => Set(command, work, saves: true);

    private static void Set(Command command, Func<ParseResult, CancellationToken, int> work, bool saves)
    {
        command.Add(Verbose);
        command.SetAction((parsed, _) => Task.FromResult(Run(parsed, work, saves)));
    }

    private static int Run(ParseResult parsed, Func<ParseResult, CancellationToken, int> work, bool saves)
    {
        using var interrupt = new CancellationTokenSource();
        ConsoleCancelEventHandler cancel = (_, pressed) =>
        {
            // The first Ctrl-C asks the work to save and stop, the second ends the process.
            if (interrupt.IsCancellationRequested) return;
            pressed.Cancel = true;
            interrupt.Cancel();
        };
        Console.CancelKeyPress += cancel;
        void Stop(PosixSignalContext signal)
        {
            if (interrupt.IsCancellationRequested) return;
            signal.Cancel = true;
            interrupt.Cancel();
        }
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        // The terminal was closed, on Windows its window.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            Task<int> working = BackgroundWork.Start(() => work(parsed, interrupt.Token));
            if (!saves) WaitForEndOrSignal(working, interrupt.Token);
            return working.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception error)
        {
            return Tell(parsed, error);
        }
        finally
        {
            Console.CancelKeyPress -= cancel;
        }
    }

    private static void WaitForEndOrSignal(Task<int> working, CancellationToken interrupt)
    {
        var signal = new TaskCompletionSource();
        using CancellationTokenRegistration registration = interrupt.Register(signal.SetResult);
        if (Task.WaitAny([working, signal.Task], CancellationToken.None) == 1 && Task.WaitAny([working], (int)Grace.TotalMilliseconds, CancellationToken.None) < 0) throw new OperationCanceledException(interrupt);
    }

    /// <summary>Tells an error in one line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="error">The error.</param>
    /// <param name="where">What is said before it.</param>
    /// <returns>The exit code.</returns>
    public static int Tell(ParseResult parsed, Exception error, string where = "")
    {
        if (error is AggregateException { InnerException: { } inner }) error = inner;
        string? option = OptionNames.Translate(error, parsed.CommandResult.Command);
        Tell($"ilgpuspp: {where}{Printable.Line(option ?? MessageOf(error))}");
        if (parsed.GetValue(Verbose)) Tell(error.ToString());
        return error is UsageException or UnknownModelException or UnknownLayerException || option is not null ? ExitCode.Usage : ExitCode.Failed;
    }

    private static void Tell(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (IOException)
        {
            // The terminal is closed: the exit code is all that is left to tell.
        }
    }

    /// <summary>The message without "(Parameter 'x')" behind it, which means nothing to a user of the command.</summary>
    public static string MessageOf(Exception error) => error switch
    {
        UnknownModelException unknown => $"there is no network '{unknown.Name}'{Spelling.Suggestion(unknown.Name, unknown.Known)} 'ilgpuspp models' lists all{(ModelPath.Hint(unknown.Name) is null ? "" : ", 'ilgpuspp models pull' those with trained weights, for --from")}.",
        ArgumentException { ParamName: { } name } => error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
        _ => FileFailures.MessageOf(error) ?? error.Message,
    };
}
