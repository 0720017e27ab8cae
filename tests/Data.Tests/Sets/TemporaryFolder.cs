using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests;

/// <summary>A folder of its own for a test, removed at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ilgpuspp-data-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a small PNG of one colour.</summary>
    public string Image(string name, int width = 6, int height = 5, byte grey = 100)
    {
        string path = Prepare(name);
        var image = new RgbImage(width, height);
        Array.Fill(image.Pixels, grey);
        File.WriteAllBytes(path, ImageWriter.Png(image));
        return path;
    }

    public string Write(string name, byte[] content)
    {
        string path = Prepare(name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Text(string name, string content)
    {
        string path = Prepare(name);
        File.WriteAllText(path, content);
        return path;
    }

    public string Folder(string name) => Directory.CreateDirectory(this[name]).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Prepare(string name)
    {
        string path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }
}
