using System.Text.RegularExpressions;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Says in the command line's words what the file system refused.</summary>
internal static partial class FileFailures
{
    /// <summary>What is wrong and what to do; null where the failure is no such refusal or has words of its own.</summary>
    public static string? MessageOf(Exception error)
    {
        if (error is IOException && Full().Match(error.Message) is { Success: true } full) return $"{Unfinished().Replace(full.Groups["path"].Value, "")}: the disk is full; free some space or name another place.";
        if (error is not (IOException or UnauthorizedAccessException) || Refusal().Match(error.Message) is not { Success: true } match) return null;
        string path = Unfinished().Replace(match.Groups["path"].Value, "");
        if (Directory.Exists(path)) return error is UnauthorizedAccessException && match.Groups["path"].Value != path
            ? $"{path}: may not be written; change its permissions or name another place."
            : $"{path}: is a folder; name a file.";
        string? folder = Path.GetDirectoryName(path);
        for (string? above = folder; !string.IsNullOrEmpty(above); above = Path.GetDirectoryName(above))
            if (File.Exists(above)) return $"{above}: is a file, so that there can be nothing below it; name another place.";
        return error switch
        {
            DirectoryNotFoundException => $"{folder}: there is no such folder; make it or check the path.",
            FileNotFoundException => $"{path}: there is no such file, nor can it be made; check the path.",
            UnauthorizedAccessException => $"{path}: may not be read or written; change its permissions or name another place.",
            _ when File.Exists(path) && error.Message.EndsWith("already exists.", StringComparison.Ordinal) => $"{path}: is a file where a folder is needed; name another place.",
            _ => null,
        };
    }

    [GeneratedRegex("^(Could not find (file|a part of the path) |Access to the path |The file |Is a directory : )'(?<path>.+)'( is denied| already exists)?\\.?$", RegexOptions.Singleline)]
    private static partial Regex Refusal();

    [GeneratedRegex("^(No space left on device|Disk quota exceeded|There is not enough space on the disk\\.) : '(?<path>.+)'$", RegexOptions.Singleline)]
    private static partial Regex Full();

    // Names of files that get their own only when they are complete.
    [GeneratedRegex(@"(\.[0-9a-f]{32}\.tmp|\.part)$")]
    private static partial Regex Unfinished();
}
