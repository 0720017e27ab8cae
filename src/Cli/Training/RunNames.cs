namespace IlgpuSpp.Cli.Training;

/// <summary>Names for run folders that the user did not name.</summary>
internal static class RunNames
{
    private const string Folder = "runs";

    /// <summary>The first of <c>runs/NAME-1</c>, <c>runs/NAME-2</c>, … that does not exist.</summary>
    public static string NextFree(string name)
    {
        for (int number = 1; ; number++)
        {
            string path = Path.Combine(Folder, $"{name}-{number}");
            if (!Path.Exists(path)) return path;
        }
    }
}
