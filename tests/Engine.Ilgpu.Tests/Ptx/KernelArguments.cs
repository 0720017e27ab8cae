using System.Reflection;
using ILGPU;
using ILGPU.Runtime;

namespace IlgpuSpp.Engine.Ilgpu.Tests.Ptx;

/// <summary>Lays kernel arguments out as PTX parameters: fields in order, naturally aligned, a view as address and length.</summary>
internal sealed class KernelArguments
{
    private readonly List<byte> _bytes = [];

    public List<(ulong Start, ulong Bytes)> Memory { get; } = [];

    public byte[] Bytes => [.. _bytes];

    public void Add(object argument)
    {
        Align(AlignmentOf(argument.GetType()));
        Write(argument);
    }

    private void Write(object value)
    {
        switch (value)
        {
            case int number:
                Align(4);
                _bytes.AddRange(BitConverter.GetBytes(number));
                return;
            case uint number:
                Align(4);
                _bytes.AddRange(BitConverter.GetBytes(number));
                return;
            case float number:
                Align(4);
                _bytes.AddRange(BitConverter.GetBytes(number));
                return;
            case ArrayView<float> view:
                WriteView(view);
                return;
            case ArrayView<int> view:
                WriteView(view);
                return;
        }
        Align(AlignmentOf(value.GetType()));
        foreach (FieldInfo field in FieldsOf(value.GetType())) Write(field.GetValue(value)!);
        Align(AlignmentOf(value.GetType()));
    }

    private void WriteView<T>(ArrayView<T> view)
        where T : unmanaged
    {
        Align(8);
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var buffer = (MemoryBuffer)typeof(ArrayView<T>).GetProperty("Buffer", any)!.GetValue(view)!;
        long index = Convert.ToInt64(typeof(ArrayView<T>).GetProperty("Index", any)!.GetValue(view), System.Globalization.CultureInfo.InvariantCulture);
        ulong start = (ulong)(buffer.NativePtr + (nint)(index * sizeof(float)));
        Memory.Add((start, (ulong)view.LengthInBytes));
        _bytes.AddRange(BitConverter.GetBytes(start));
        _bytes.AddRange(BitConverter.GetBytes(view.Length));
    }

    private static IEnumerable<FieldInfo> FieldsOf(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(f => f.MetadataToken);

    private static int AlignmentOf(Type type) =>
        type == typeof(ArrayView<float>) || type == typeof(ArrayView<int>) ? 8 : type.IsPrimitive ? 4 : FieldsOf(type).Max(f => AlignmentOf(f.FieldType));

    private void Align(int bytes)
    {
        while (_bytes.Count % bytes != 0) _bytes.Add(0);
    }
}
