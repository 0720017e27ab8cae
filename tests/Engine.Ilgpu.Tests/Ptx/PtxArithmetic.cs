namespace IlgpuSpp.Engine.Ilgpu.Tests.Ptx;

/// <summary>What the instructions without memory or control compute; registers hold bits, 32-bit ones zero-extended.</summary>
internal static class PtxArithmetic
{
    public static Func<ulong, ulong, ulong, ulong> Of(string op)
    {
        if (op.StartsWith("setp.", StringComparison.Ordinal)) return Compare(op);
        return op switch
        {
            "mov.f32" or "mov.b32" or "mov.u32" or "mov.s32" or "mov.b64" or "mov.u64" or "cvta.to.global.u64" or "mov.pred" => (a, _, _) => a,
            "add.s32" or "add.u32" => (a, b, _) => (uint)a + (uint)b & uint.MaxValue,
            "sub.s32" => (a, b, _) => (uint)((uint)a - (uint)b),
            "add.u64" or "add.s64" => (a, b, _) => a + b,
            "mul.lo.s32" => (a, b, _) => (uint)((int)a * (int)b),
            "mad.lo.s32" => (a, b, c) => (uint)((int)a * (int)b + (int)c),
            "mul.wide.u32" => (a, b, _) => (ulong)(uint)a * (uint)b,
            "mul.lo.s64" or "mul.lo.u64" => (a, b, _) => a * b,
            "div.s32" => (a, b, _) => (uint)((int)a / (int)b),
            "rem.s32" => (a, b, _) => (uint)((int)a % (int)b),
            "shl.b32" => (a, b, _) => (uint)a << (int)b,
            "shr.s32" => (a, b, _) => (uint)((int)a >> (int)b),
            "shr.u32" => (a, b, _) => (uint)a >> (int)b,
            "shr.u64" => (a, b, _) => a >> (int)b,
            "and.b32" or "and.pred" => (a, b, _) => a & b,
            "or.b32" or "or.pred" => (a, b, _) => a | b,
            "xor.b32" => (a, b, _) => a ^ b,
            "not.pred" => (a, _, _) => a ^ 1,
            "selp.b32" or "selp.f32" => (a, b, p) => p != 0 ? a : b,
            "cvt.u64.u32" => (a, _, _) => (uint)a,
            "cvt.u64.s32" or "cvt.s64.s32" => (a, _, _) => (ulong)(int)a,
            "cvt.s32.s64" or "cvt.u32.u64" => (a, _, _) => (uint)a,
            "add.f32" => (a, b, _) => Bits(Float(a) + Float(b)),
            "sub.f32" => (a, b, _) => Bits(Float(a) - Float(b)),
            "mul.f32" => (a, b, _) => Bits(Float(a) * Float(b)),
            "div.rn.f32" => (a, b, _) => Bits(Float(a) / Float(b)),
            "rcp.rn.f32" => (a, _, _) => Bits(1 / Float(a)),
            "sqrt.rn.f32" => (a, _, _) => Bits(MathF.Sqrt(Float(a))),
            "neg.s32" => (a, _, _) => (uint)-(int)a,
            "testp.notanumber.f32" => (a, _, _) => float.IsNaN(Float(a)) ? 1UL : 0,
            "neg.f32" => (a, _, _) => Bits(-Float(a)),
            "cvt.rmi.f32.f32" => (a, _, _) => Bits(MathF.Floor(Float(a))),
            "cvt.rzi.s32.f32" => (a, _, _) => (uint)(int)Float(a),
            "cvt.rn.f32.s32" => (a, _, _) => Bits((int)a),
            "fma.rn.f32" => (a, b, c) => Bits(MathF.FusedMultiplyAdd(Float(a), Float(b), Float(c))),
            "cvt.rn.bf16x2.f32" => (a, b, _) => Bf16((uint)a) << 16 | Bf16((uint)b),
            _ => throw new NotSupportedException(op),
        };
    }

    public static float Float(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    public static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>Rounded to 7 bits of mantissa, halves to even.</summary>
    public static uint Bf16(uint bits) => bits + 0x7FFF + (bits >> 16 & 1) >> 16;

    private static Func<ulong, ulong, ulong, ulong> Compare(string op)
    {
        string[] kind = op.Split('.');
        Func<int, bool> holds = kind[1] switch
        {
            "lt" or "lo" => sign => sign < 0,
            "le" or "ls" => sign => sign <= 0,
            "gt" or "hi" => sign => sign > 0,
            "ge" or "hs" => sign => sign >= 0,
            "eq" => sign => sign == 0,
            "ne" or "neu" => sign => sign != 0,
            _ => throw new NotSupportedException(op),
        };
        bool unordered = kind[1] == "neu";
        return kind[2] switch
        {
            "s32" => (a, b, _) => holds(((int)a).CompareTo((int)b)) ? 1UL : 0,
            "u32" => (a, b, _) => holds(((uint)a).CompareTo((uint)b)) ? 1UL : 0,
            "f32" => (a, b, _) => float.IsNaN(Float(a)) || float.IsNaN(Float(b)) ? unordered ? 1UL : 0 : holds(Float(a).CompareTo(Float(b))) ? 1UL : 0,
            _ => throw new NotSupportedException(op),
        };
    }
}
