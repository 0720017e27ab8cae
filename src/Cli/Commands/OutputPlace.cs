namespace IlgpuSpp.Cli.Commands;

/// <summary>Places that a command will write to, looked at before it begins.</summary>
internal static class OutputPlace
{
    /// <summary>Refuses a path that cannot become a folder of files; null is no path.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="folder">The path.</param>
    /// <exception cref="UsageException">There is a file in the way, or the folder may not be written.</exception>
    public static void CheckFolder(string option, string? folder)
    {
        if (folder is null) return;
        if (File.Exists(folder)) throw new UsageException($"{option}: {folder} is a file; name a folder.");
        CheckWritable(option, Path.GetFullPath(folder));
    }

    /// <summary>Refuses a path that cannot become a file; null is no path.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="file">The path.</param>
    /// <param name="makesFolder">Whether the file's folder is made where it is missing.</param>
    /// <param name="endings">What it may end in; empty for anything.</param>
    /// <exception cref="UsageException">It is a folder, its folder is missing or may not be written, or it ends otherwise.</exception>
    public static void CheckFile(string option, string? file, bool makesFolder = false, params ReadOnlySpan<string> endings)
    {
        if (file is null) return;
        if (file.Length == 0 || Directory.Exists(file) || Path.EndsInDirectorySeparator(file)) throw new UsageException($"{option}: {(file.Length == 0 ? "the name is empty" : $"{file} is a folder")}; name a file.");
        if (endings.Length > 0 && !endings.Contains(Path.GetExtension(file).ToLowerInvariant())) throw new UsageException($"{option}: {file} must end in {string.Join(" or ", endings.ToArray())}, which tells how it is written.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!makesFolder && !Directory.Exists(folder) && !IsBelowFile(folder, out _)) throw new UsageException($"{option}: there is no folder {folder}; make it or check the path.");
        CheckWritable(option, folder);
    }

    // Tries the nearest folder that there is: permissions alone do not tell, a file system may be mounted for reading only.
    private static void CheckWritable(string option, string folder)
    {
        if (IsBelowFile(folder, out string? above)) throw new UsageException($"{option}: {above} is a file, so that there can be nothing below it; name another place.");
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } next) folder = next;
        try
        {
            using var trial = new FileStream(Path.Combine(folder, $".{Guid.NewGuid():N}.tmp"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new UsageException($"{option}: the folder {folder} may not be written; change its permissions or name another place.");
        }
    }

    private static bool IsBelowFile(string folder, out string? file)
    {
        for (file = folder; file is not null && !File.Exists(file); file = Path.GetDirectoryName(file)) { }
        return file is not null;
    }
}
