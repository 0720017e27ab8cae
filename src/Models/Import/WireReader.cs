using Google.Protobuf;

namespace IlgpuSpp.Models;

/// <summary>Walks the fields of a file of protocol buffers. Nothing is allocated for a length that the file only claims.</summary>
/// <param name="path">The file, for errors.</param>
/// <param name="kind">What it should be, e.g. <c>an ONNX file</c>.</param>
/// <param name="input">Its bytes.</param>
/// <param name="length">How many they are.</param>
internal abstract class WireReader(string path, string kind, CodedInputStream input, long length) : IDisposable
{
    private uint _tag;

    protected CodedInputStream Input { get; private set; } = input;

    protected long Length => length;

    /// <summary>Whether the field at hand is text, a list or a message.</summary>
    protected bool IsPart => Wire == WireFormat.WireType.LengthDelimited;

    protected WireFormat.WireType Wire => WireFormat.GetTagWireType(_tag);

    public void Dispose() => Input.Dispose();

    /// <summary>Reads with errors that name the file and the place.</summary>
    protected T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new ModelFormatException(path, $"it is cut off or not {kind}: byte {Input.Position} of {length} cannot be read", error);
        }
    }

    /// <summary>The fields of a part, one after another; those that the loop does not read are skipped.</summary>
    protected IEnumerable<int> Fields(long end)
    {
        while (Input.Position < end)
        {
            _tag = Input.ReadTag();
            if (_tag == 0) throw new ModelFormatException(path, $"it is cut off or not {kind}: it ends inside a part at byte {Input.Position}");
            long at = Input.Position;
            yield return WireFormat.GetTagFieldNumber(_tag);
            if (Input.Position == at) Input.SkipLastField();
        }
    }

    // Checked before anything is allocated: a length may be anything in a damaged file.
    protected long EndOfPart()
    {
        int size = Input.ReadLength();
        long end = Input.Position + size;
        return size >= 0 && end <= length
            ? end
            : throw new ModelFormatException(path, $"it is cut off or not {kind}: a part of {(uint)size} bytes begins at byte {Input.Position}, but the file has {length}");
    }

    /// <summary>Whole numbers, one by one or in a list.</summary>
    protected void ReadIntegers(List<long> values)
    {
        if (!IsPart)
        {
            values.Add(Input.ReadInt64());
            return;
        }
        for (long end = EndOfPart(); Input.Position < end;) values.Add(Input.ReadInt64());
    }

    /// <summary>Goes on with other bytes of the same file.</summary>
    protected void GoOn(CodedInputStream from)
    {
        Input.Dispose();
        Input = from;
    }
}
