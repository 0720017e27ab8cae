namespace IlgpuSpp.Cli.Commands;

/// <summary>Model files for commands that name what whole images show.</summary>
internal static class ClassifierFile
{
    /// <summary>Refuses a detector, which would call every image background.</summary>
    /// <param name="path">The model file.</param>
    /// <param name="instead">The command for detectors.</param>
    /// <exception cref="UsageException">The file holds a detector.</exception>
    public static void Check(string path, string instead)
    {
        if (Detector.IsIn(path)) throw new UsageException($"{path}: holds a detector, which knows windows of images, not whole ones; use 'ilgpuspp {instead}'.");
    }
}
