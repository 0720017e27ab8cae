using System.CommandLine.Parsing;

namespace IlgpuSpp.Cli.Commands;

/// <summary>What is wrong with a command line, in its own words: options and commands by their names, values by what is taken.</summary>
internal static class ParseRefusals
{
    /// <summary>The reasons to refuse a command line; none where it can be run.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        string[] unknown = [.. UnknownOptions(parsed)];
        if (unknown.Length > 0) return [.. unknown.Select(option => NoSuchOption(option, parsed))];
        if (parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command.Subcommands.Count > 0)
        {
            string word = parsed.UnmatchedTokens[0];
            return [$"there is no command '{word}'{Spelling.Suggestion(word, parsed.CommandResult.Command.Subcommands.Select(command => command.Name))}"];
        }
        return [.. parsed.Errors.Select(Reason).Distinct()];
    }

    /// <summary>The refusal of an option that a command does not have.</summary>
    public static string NoSuchOption(string option, ParseResult parsed) =>
        $"there is no option {option}{Spelling.Suggestion(option, OptionsOf(parsed).Where(known => !known.Hidden).Select(known => known.Name))}";

    // Behind a bare -- every word is meant as it is. Elsewhere a word in an option's form is one, even where a command takes any
    // number of paths: a path of that form can be written ./--name.
    private static IEnumerable<string> UnknownOptions(ParseResult parsed)
    {
        HashSet<string> values = [.. OptionsOf(parsed).Select(parsed.GetResult).Where(result => result is not null).SelectMany(result => result!.Tokens).Select(token => token.Value)];
        return parsed.Tokens
            .TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && token.Value.Length > 2 && token.Value.StartsWith("--", StringComparison.Ordinal) && !values.Contains(token.Value))
            .Select(token => token.Value.Split('=', ':')[0])
            .Distinct();
    }

    private static IEnumerable<Option> OptionsOf(ParseResult parsed) => parsed.CommandResult.Command.Options;

    private static string Reason(ParseError error)
    {
        // What an option's own check says.
        if (error.SymbolResult is OptionResult { Option: { } own } && error.Message.StartsWith(own.Name + " ", StringComparison.Ordinal)) return error.Message;
        if (error.SymbolResult is ArgumentResult { Tokens: [var token] } argument && Kind(argument.Argument.ValueType) is { } kind)
            return $"{NameOf(argument)} takes {kind}, not '{token.Value}'.";
        if (error.SymbolResult is ArgumentResult { Tokens.Count: 0, Parent: CommandResult needing } missing) return $"{needing.Command.Name} needs <{missing.Argument.Name}>: {missing.Argument.Description}";
        if (error.SymbolResult is CommandResult { Command.Subcommands.Count: > 0 } group) return $"name a command: {string.Join(", ", group.Command.Subcommands.Select(command => command.Name))}.";
        return error.SymbolResult is OptionResult { Tokens: [var value], Option: { } option } && Kind(option.ValueType) is { } taken
            ? $"{option.Name} takes {taken}, not '{value.Value}'."
            : error.Message;
    }

    private static string NameOf(ArgumentResult result) => result.Parent is OptionResult option ? option.Option.Name : $"<{result.Argument.Name}>";

    private static string? Kind(Type type)
    {
        Type value = Nullable.GetUnderlyingType(type) ?? type;
        if (value == typeof(int)) return $"a whole number of at most {int.MaxValue}";
        if (value == typeof(ulong)) return $"a whole number from 0 to {ulong.MaxValue}";
        if (value == typeof(double) || value == typeof(float)) return "a number such as 0.05";
        return value == typeof(bool) ? "true or false" : null;
    }
}
