using System.Text;

namespace IlgpuSpp.Engine;

/// <summary>Files of other programs that are given as models: what they are, and what to do with them.</summary>
internal static class ForeignFile
{
    /// <summary>How many bytes from its beginning a file is known by.</summary>
    public const int LongestBeginning = 4096;

    private static ReadOnlySpan<byte> Hdf5 => [0x89, (byte)'H', (byte)'D', (byte)'F'];

    /// <summary>Why a file that is no safetensors file is none, or null where it is not known.</summary>
    /// <param name="beginning">Its first bytes, <see cref="LongestBeginning"/> where it has as many.</param>
    public static string? Describe(ReadOnlySpan<byte> beginning)
    {
        // Zip archives and Python's pickle protocols 2 to 5: torch.save since and before version 1.6.
        if (beginning.StartsWith("PK\u0003\u0004"u8) || beginning is [0x80, >= 2 and <= 5, ..])
            return "it is a PyTorch file (.pth, .pt: pickled objects, which run code when they are read) and is not read here; in Python, safetensors.torch.save_file(torch.load(FILE, weights_only=True), \"FILE.safetensors\") makes a file of its weights";
        if (beginning.StartsWith("{"u8) && Encoding.UTF8.GetString(beginning).Contains("\"weight_map\"", StringComparison.Ordinal))
            return "it is the index of weights that lie in several files; join them into one: in Python, load each file that it names with safetensors.torch.load_file and write all tensors with safetensors.torch.save_file";
        if (beginning.StartsWith(Hdf5)) return "it is an HDF5 file, as Keras writes; export its weights as safetensors";
        // ModelProto: ir_version (field 1), then the producer's name (2), the operator sets (8) or the graph (7).
        if (beginning is [0x08, <= 20, 0x12 or 0x3a or 0x42, ..])
            return "it is an ONNX file; import it first, with models import --onnx FILE";
        return null;
    }
}
