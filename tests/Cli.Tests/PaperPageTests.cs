using System.CommandLine;
using System.Text.RegularExpressions;
using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Tests;

/// <summary>docs/paper.md: complete, its commands understood by the command line, its tests and scripts there.</summary>
public sealed partial class PaperPageTests
{
    private const int Where = 0, Command = 2, Test = 3, Columns = 6;


    private static readonly string[][] s_rows =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "docs", "paper.md"))
            .TakeWhile(line => !line.StartsWith("## Which of the constants", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| where ", StringComparison.Ordinal))
            .Select(line => line.Trim().Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
    ];

    [Fact]
    public void EverySectionTableFigureAndAppendixHasARow()
    {
        string[] wanted =
        [
            "1", "2.1", "2.2", "2.3", "3.1", "3.1.1", "3.1.2", "3.1.3", "3.1.4", "3.1.5", "3.1.6", "3.2", "3.3", "4", "4.1", "4.2", "4.3", "4.4", "4.5", "5", "Appendix A",
            .. Enumerable.Range(1, 6).Select(figure => $"Figure {figure}"), .. Enumerable.Range(1, 13).Select(table => $"Table {table}"),
        ];
        HashSet<string> found = [.. s_rows.SelectMany(row => Place().Matches(row[Where].Replace("Tables ", "Table ", StringComparison.Ordinal).Replace(" and ", ", Table ", StringComparison.Ordinal))).Select(match => match.Value)];
        Assert.Empty(wanted.Except(found));
        Assert.All(s_rows, row =>
        {
            Assert.Equal(Columns, row.Length);
            Assert.DoesNotContain("", row);
            Assert.True(row[Command].StartsWith('`') || row[Command].StartsWith("none: ", StringComparison.Ordinal), $"{row[Where]}: a command or the reason why there is none");
        });
    }

    [Fact]
    public void ItsCommandsAreUnderstood()
    {
        RootCommand root = CommandLine.Root();
        string[] commands = [.. s_rows.SelectMany(row => row).SelectMany(cell => Code().Matches(cell)).Select(match => match.Groups[1].Value)];
        Assert.All(commands.Where(code => code.StartsWith("ilgpuspp ", StringComparison.Ordinal)), command => Assert.Equal([], ParseRefusals.Of(root.Parse(command["ilgpuspp ".Length..])).Select(reason => $"{command}: {reason}")));
        Assert.All(s_rows.Where(row => row[Command].StartsWith('`')), row => Assert.Matches("^`(ilgpuspp |bench/)", row[Command]));
        Assert.All(commands.Where(code => code.StartsWith("bench/", StringComparison.Ordinal)), script => Assert.True(File.Exists(Path.Combine(Repository.Root, script.Split(' ')[0])), script));
    }

    [Fact]
    public void ItsTestsExist()
    {
        Dictionary<string, string> files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .GroupBy(path => Path.GetFileNameWithoutExtension(path)).ToDictionary(same => same.Key, same => string.Concat(same.Select(File.ReadAllText)));
        foreach (string test in File.ReadLines(Path.Combine(Repository.Root, "docs", "paper.md")).SelectMany(line => Name().Matches(line)).Select(match => match.Value))
        {
            string[] parts = test.Split('.');
            Assert.True(files.TryGetValue(parts[0], out string? source) && (parts.Length == 1 || source.Contains($" {parts[1]}(", StringComparison.Ordinal)), test);
        }
        Assert.All(s_rows, row => Assert.True(row[Test] == "none" || Name().IsMatch(row[Test]), row[Where]));
    }

    [GeneratedRegex(@"(?<=^|, )(\d(\.\d)*|(Table|Figure) \d+|Appendix A)(?=$|,)")]
    private static partial Regex Place();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\b[A-Z]\w*Tests(\.\w+)?")]
    private static partial Regex Name();
}
