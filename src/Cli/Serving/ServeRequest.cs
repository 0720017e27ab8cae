using IlgpuSpp.AspNetCore;
using IlgpuSpp.Cli.Commands;

namespace IlgpuSpp.Cli.Serving;

/// <summary>What <c>serve</c> was asked for.</summary>
/// <param name="Models">The models.</param>
/// <param name="Urls">Where to listen.</param>
/// <param name="Reloads">Whether new files of the models are looked for.</param>
/// <param name="Configure">Sets the server's options.</param>
internal sealed record ServeRequest(IReadOnlyList<ServedName> Models, IReadOnlyList<string> Urls, bool Reloads, Action<ServingOptions> Configure);

/// <summary>A model with the name that requests call it by.</summary>
internal sealed record ServedName(string Name, string Path, bool IsDetector)
{
    private static readonly string[] s_usual = ["best", "last", "detector"];

    /// <summary>Reads <c>[NAME=]FILE</c>; a model without a name is called by its file's, that of a run by its folder's.</summary>
    /// <exception cref="UsageException">There is no such model.</exception>
    public static ServedName Parse(string text)
    {
        int mark = text.IndexOf('=', StringComparison.Ordinal);
        // A path that exists may have the sign in its name.
        (string? name, string path) = mark < 0 || System.IO.Path.Exists(text) ? (null, text) : (text[..mark], text[(mark + 1)..]);
        if (name is { Length: 0 } || path.Length == 0) throw new UsageException($"--model takes FILE or NAME=FILE, not '{text}'.");
        if (name is not null && !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')) throw new UsageException($"--model: a name has letters, digits, '-', '_' and '.', which '{name}' has not.");
        bool folder = Directory.Exists(path);
        string file = folder ? System.IO.Path.Combine(path, Detector.IsFinished(path) ? "detector.safetensors" : "best.safetensors") : path;
        if (!File.Exists(file))
        {
            if (!folder) ModelPath.Check(path, "serve");
            throw new UsageException(folder ? $"{path}: holds no finished run; finish its training, or check --model." : $"there is no model '{path}'; check --model.");
        }
        return new ServedName(name ?? Usual(file), file, Detector.IsIn(file));
    }

    private static string Usual(string file)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(file);
        return s_usual.Contains(name) && System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))) is { Length: > 0 } folder ? folder : name;
    }
}
