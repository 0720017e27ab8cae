using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli;

/// <summary>
/// The <c>ilgpuspp</c> command. Exit codes: 0 done, 1 failed (one line on standard error), 2 wrong usage, 130 interrupted.
/// </summary>
internal static class CommandLine
{
    public static Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Root(args.FirstOrDefault()).Parse(args);
        if (ParseRefusals.Of(parsed) is { Count: > 0 } refusals)
        {
            foreach (string reason in refusals) Say.Error($"ilgpuspp: {reason}");
            Say.Error($"ilgpuspp: see '{Path(parsed)} --help'");
            return Task.FromResult(ExitCode.Usage);
        }
        return parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static readonly (string Name, Func<Command> Create)[] s_commands =
    [
        ("train", TrainCommand.Create), ("eval", EvalCommand.Create), ("predict", PredictCommand.Create), ("detect", DetectCommand.Create), ("serve", ServeCommand.Create), ("features", FeaturesCommand.Create), ("transfer", TransferCommand.Create),
        ("models", ModelsCommand.Create), ("info", InfoCommand.Create), ("cache", CacheCommand.Create), ("bench", BenchCommand.Create), ("data", DataCommand.Create),
    ];

    /// <summary>The commands.</summary>
    /// <param name="wanted">The one that is needed alone, so that a short one does not wait for the options of all; all where it is none of them.</param>
    public static RootCommand Root(string? wanted = null)
    {
        var root = new RootCommand("Trains, tests and uses convolutional networks with spatial pyramid pooling.");
        bool known = Array.Exists(s_commands, command => command.Name == wanted);
        foreach ((string name, Func<Command> create) in s_commands)
            if (!known || name == wanted) root.Add(create());
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
