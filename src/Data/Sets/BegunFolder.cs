using System.Security.Cryptography;
using System.Text;

namespace IlgpuSpp.Data;

/// <summary>A folder that is filled over a while: a key in it tells what, so that the same call goes on with it and no other adds to it.</summary>
internal static class BegunFolder
{
    /// <summary>Makes the folder, or finds it as the same call left it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Name of the file with the key.</param>
    /// <param name="key">All that the content depends on.</param>
    /// <param name="content">What the folder holds, as the refusal says it.</param>
    /// <exception cref="DatasetException">It holds something else.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Begin(string folder, string name, string key, string content)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))), file = Path.Combine(folder, name);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && (!File.Exists(file) || File.ReadAllText(file) != hash))
            throw new DatasetException(folder, $"holds something else than {content}; name a folder that is empty or does not exist.");
        Directory.CreateDirectory(folder);
        AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(hash)));
    }
}
