using System.Globalization;
using IlgpuSpp.Pretrained;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>cache</c>: what lies in the user's cache folder, and room made in it.</summary>
internal static class CacheCommand
{
    /// <summary>Where features of frozen layers are kept.</summary>
    public static string FeatureFolder => Path.Combine(WeightCache.OfUser().Folder, "features");

    public static Command Create()
    {
        var clear = new Option<bool>("--clear") { Description = "Remove the features, which are computed again where they are needed; trained weights stay." };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("cache", $"Show the cache of trained weights and of frozen layers' features ({WeightCache.Variable} names another folder).") { clear, json };
        CommandAction.Set(command, (parsed, _) =>
        {
            if (parsed.GetValue(clear))
                foreach (FileInfo file in Files(FeatureFolder, $"*{FeatureCache.Extension}*")) file.Delete();
            string folder = WeightCache.OfUser().Folder;
            (int weightFiles, long weightBytes) = Measure(folder, "*.safetensors");
            (int featureFiles, long featureBytes) = Measure(FeatureFolder, "*" + FeatureCache.Extension);
            if (parsed.GetValue(json))
            {
                JsonLine.Write(new CacheAnswer(folder, weightFiles, weightBytes, featureFiles, featureBytes));
                return ExitCode.Done;
            }
            Say.Line($"folder    {folder}");
            Say.Line(string.Create(CultureInfo.InvariantCulture, $"weights   {Counted.Of(weightFiles, "file")}, {weightBytes / 1e6:N1} MB"));
            Say.Line(string.Create(CultureInfo.InvariantCulture, $"features  {Counted.Of(featureFiles, "file")}, {featureBytes / 1e6:N1} MB"));
            return ExitCode.Done;
        });
        return command;
    }

    private static FileInfo[] Files(string folder, string pattern) => Directory.Exists(folder) ? new DirectoryInfo(folder).GetFiles(pattern) : [];

    private static (int Files, long Bytes) Measure(string folder, string pattern)
    {
        FileInfo[] files = Files(folder, pattern);
        return (files.Length, files.Sum(file => file.Length));
    }
}
