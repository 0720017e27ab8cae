using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli;

/// <summary>
/// The <c>ilgpuspp</c> command. Exit codes: 0 done, 1 failed (one line on standard error), 2 wrong usage, 130 interrupted.
/// </summary>
internal static class CommandLine
{
    public static Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Root().Parse(args);
        if (ParseRefusals.Of(parsed) is { Count: > 0 } refusals)
        {
            foreach (string reason in refusals) Say.Error($"ilgpuspp: {reason}");
            Say.Error($"ilgpuspp: see '{Path(parsed)} --help'");
            return Task.FromResult(ExitCode.Usage);
        }
        return parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>All commands.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("Trains, tests and uses convolutional networks with spatial pyramid pooling.");
        root.Add(TrainCommand.Create());
        root.Add(EvalCommand.Create());
        root.Add(PredictCommand.Create());
        root.Add(DetectCommand.Create());
        root.Add(FeaturesCommand.Create());
        root.Add(TransferCommand.Create());
        root.Add(ModelsCommand.Create());
        root.Add(InfoCommand.Create());
        root.Add(CacheCommand.Create());
        root.Add(BenchCommand.Create());
        root.Add(DataCommand.Create());
        return root;
    }

    private static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            names.Push(result.Command is RootCommand ? "ilgpuspp" : result.Command.Name);
        return string.Join(' ', names);
    }
}
