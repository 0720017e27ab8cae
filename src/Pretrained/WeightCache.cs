namespace IlgpuSpp.Pretrained;

/// <summary>
/// The folder of the user's in which trained weights are kept, one model file a network. A file appears whole or not at all, so
/// that several processes may use the folder at a time.
/// </summary>
/// <param name="folder">The folder; made when something is put there.</param>
public sealed class WeightCache(string folder)
{
    /// <summary>The environment variable that names another folder.</summary>
    public const string Variable = "ILGPUSPP_CACHE";

    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>The user's own: what <see cref="Variable"/> names, otherwise <c>ilgpuspp</c> in the platform's folder for caches.</summary>
    public static WeightCache OfUser() => new(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Path.Combine(PlatformFolder(), "ilgpuspp"));

    /// <summary>Where a network's file is, whether it is there or not.</summary>
    /// <param name="network">The network.</param>
    public string FileOf(PretrainedNetwork network) => Path.Combine(Folder, $"{network.Name}.safetensors");

    /// <summary>Whether a network is there.</summary>
    /// <param name="network">The network.</param>
    public bool Has(PretrainedNetwork network) => File.Exists(FileOf(network));

    // Linux: the XDG base directory specification; macOS: Apple's file system guide.
    private static string PlatformFolder()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsWindows()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        if (OperatingSystem.IsMacOS()) return Path.Combine(home, "Library", "Caches");
        return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache) ? cache : Path.Combine(home, ".cache");
    }
}
