using System.Buffers.Binary;
using System.Text;

namespace IlgpuSpp.Models.Tests.Caffe;

/// <summary>Writes the bytes of a .caffemodel from the published wire format alone, without the library that the importer uses.</summary>
internal static class CaffeWire
{
    public sealed record Blob(int[] Shape, float[] Values);

    public sealed record LayerBlobs(string Name, params Blob[] Blobs);

    public enum Form
    {
        /// <summary>V1LayerParameter with four legacy extents.</summary>
        Old,

        /// <summary>V0LayerParameter inside of V1LayerParameter, as Caffe wrote in 2013.</summary>
        Oldest,

        /// <summary>LayerParameter with a shape.</summary>
        New,

        /// <summary>LayerParameter whose floats are single fields instead of one packed one.</summary>
        Unpacked,
    }

    public static byte[] Network(IEnumerable<LayerBlobs> layers, Form form)
    {
        var net = new MemoryStream();
        Bytes(net, 1, Encoding.UTF8.GetBytes("test"));
        foreach (LayerBlobs layer in layers)
        {
            var message = new MemoryStream();
            (int name, int blobs) = form switch { Form.Oldest => (1, 50), Form.Old => (4, 6), _ => (1, 7) };
            Bytes(message, name, Encoding.UTF8.GetBytes(layer.Name));
            foreach (Blob blob in layer.Blobs) Bytes(message, blobs, Encode(blob, form));
            if (form == Form.Oldest)
            {
                var outer = new MemoryStream();
                Bytes(outer, 1, message.ToArray());
                message = outer;
            }
            Bytes(net, form is Form.Old or Form.Oldest ? 2 : 100, message.ToArray());
        }
        return net.ToArray();
    }

    public static byte[] Encode(Blob blob, Form form)
    {
        var message = new MemoryStream();
        if (form is Form.Old or Form.Oldest)
        {
            int[] four = [.. Enumerable.Repeat(1, 4 - blob.Shape.Length), .. blob.Shape];
            for (int i = 0; i < 4; i++)
            {
                Varint(message, (uint)((i + 1) << 3));
                Varint(message, (uint)four[i]);
            }
        }
        if (form == Form.Unpacked)
        {
            foreach (float value in blob.Values)
            {
                Varint(message, (5 << 3) | 5);
                Float(message, value);
            }
        }
        else
        {
            var data = new MemoryStream();
            foreach (float value in blob.Values) Float(data, value);
            Bytes(message, 5, data.ToArray());
        }
        if (form is not (Form.Old or Form.Oldest))
        {
            var dimensions = new MemoryStream();
            foreach (int extent in blob.Shape) Varint(dimensions, (uint)extent);
            var shape = new MemoryStream();
            Bytes(shape, 1, dimensions.ToArray());
            Bytes(message, 7, shape.ToArray());
        }
        return message.ToArray();
    }

    private static void Bytes(MemoryStream stream, int field, byte[] content)
    {
        Varint(stream, (uint)((field << 3) | 2));
        Varint(stream, (uint)content.Length);
        stream.Write(content);
    }

    private static void Varint(MemoryStream stream, uint value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    private static void Float(MemoryStream stream, float value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(four, value);
        stream.Write(four);
    }
}
