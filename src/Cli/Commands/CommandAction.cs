using System.Runtime.InteropServices;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Runs a command's work and turns what goes wrong into one line and an exit code.</summary>
internal static class CommandAction
{
    public static readonly Option<bool> Verbose = new("--verbose") { Description = "Show where an error came from." };

    /// <summary>Adds the work to a command. Ctrl-C cancels the token; the work decides what is saved.</summary>
    public static void Set(Command command, Func<ParseResult, CancellationToken, int> work)
    {
        command.Add(Verbose);
        command.SetAction((parsed, _) => Task.FromResult(Run(parsed, work)));
    }

    private static int Run(ParseResult parsed, Func<ParseResult, CancellationToken, int> work)
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
            return work(parsed, interrupt.Token);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception error)
        {
            if (error is AggregateException { InnerException: { } inner }) error = inner;
            string? option = OptionNames.Translate(error, parsed.CommandResult.Command);
            Tell($"ilgpuspp: {(option ?? MessageOf(error)).ReplaceLineEndings(" ")}");
            if (parsed.GetValue(Verbose)) Tell(error.ToString());
            return error is UsageException or UnknownModelException or UnknownLayerException || option is not null ? ExitCode.Usage : ExitCode.Failed;
        }
        finally
        {
            Console.CancelKeyPress -= cancel;
        }
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
        UnknownModelException unknown => $"there is no network '{unknown.Name}'{Spelling.Suggestion(unknown.Name, unknown.Known)} 'ilgpuspp models' lists all.",
        ArgumentException { ParamName: { } name } => error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
        _ => FileFailures.MessageOf(error) ?? error.Message,
    };
}
