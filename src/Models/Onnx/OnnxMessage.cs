using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;

namespace IlgpuSpp.Models;

/// <summary>A protocol-buffer message on its way into a file: fields in order, each with its number in onnx.proto.</summary>
internal sealed class OnnxMessage
{
    private readonly List<(int Field, object Value)> _fields = [];

    public OnnxMessage Add(int field, long value) => AddField(field, value);

    public OnnxMessage Add(int field, float value) => AddField(field, value);

    public OnnxMessage Add(int field, string value) => AddField(field, Encoding.UTF8.GetBytes(value));

    public OnnxMessage Add(int field, OnnxMessage value) => AddField(field, value);

    /// <summary>Numbers as raw little-endian bytes.</summary>
    public OnnxMessage AddRaw(int field, float[] values) => AddField(field, values);

    /// <summary>Numbers as raw little-endian bytes.</summary>
    public OnnxMessage AddRaw(int field, long[] values)
    {
        var bytes = new byte[8 * values.Length];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8 * i), values[i]);
        return AddField(field, bytes);
    }

    /// <summary>Bytes of the message without its own tag and length.</summary>
    public long Size => _fields.Sum(entry => CodedOutputStream.ComputeTagSize(entry.Field) + SizeOf(entry.Value));

    /// <summary>Writes the message. Large arrays go to the stream directly.</summary>
    public void Write(CodedOutputStream output, Stream stream)
    {
        foreach ((int field, object value) in _fields)
        {
            switch (value)
            {
                case long number:
                    output.WriteTag(field, WireFormat.WireType.Varint);
                    output.WriteInt64(number);
                    break;
                case float number:
                    output.WriteTag(field, WireFormat.WireType.Fixed32);
                    output.WriteFloat(number);
                    break;
                default:
                    output.WriteTag(field, WireFormat.WireType.LengthDelimited);
                    output.WriteLength((int)ContentSize(value));
                    if (value is OnnxMessage message) message.Write(output, stream);
                    else WriteBytes(output, stream, value);
                    break;
            }
        }
    }

    private static void WriteBytes(CodedOutputStream output, Stream stream, object value)
    {
        output.Flush();
        if (value is byte[] bytes) stream.Write(bytes);
        else if (BitConverter.IsLittleEndian) stream.Write(MemoryMarshal.AsBytes<float>((float[])value));
        else
        {
            Span<byte> four = stackalloc byte[4];
            foreach (float number in (float[])value)
            {
                BinaryPrimitives.WriteSingleLittleEndian(four, number);
                stream.Write(four);
            }
        }
    }

    private static long SizeOf(object value) => value switch
    {
        long number => CodedOutputStream.ComputeInt64Size(number),
        float => sizeof(float),
        _ => ContentSize(value) is var content && content <= int.MaxValue ? CodedOutputStream.ComputeLengthSize((int)content) + content : content,
    };

    private static long ContentSize(object value) => value switch
    {
        OnnxMessage message => message.Size,
        byte[] bytes => bytes.Length,
        _ => 4L * ((float[])value).Length,
    };

    private OnnxMessage AddField(int field, object value)
    {
        _fields.Add((field, value));
        return this;
    }
}
