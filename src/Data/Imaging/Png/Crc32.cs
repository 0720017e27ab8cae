namespace IlgpuSpp.Data.Imaging.Png;

/// <summary>The cyclic redundancy check of PNG chunks (ISO 3309: polynomial EDB88320, reflected), eight bytes a step.</summary>
internal static class Crc32
{
    private static readonly uint[][] Tables = CreateTables();

    /// <summary>The check of a chunk's type and data together.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        while (data.Length >= 8)
        {
            crc = Tables[7][(byte)(crc ^ data[0])] ^ Tables[6][(byte)((crc >> 8) ^ data[1])]
                ^ Tables[5][(byte)((crc >> 16) ^ data[2])] ^ Tables[4][(byte)((crc >> 24) ^ data[3])]
                ^ Tables[3][data[4]] ^ Tables[2][data[5]] ^ Tables[1][data[6]] ^ Tables[0][data[7]];
            data = data[8..];
        }

        foreach (byte value in data) crc = Tables[0][(byte)(crc ^ value)] ^ (crc >> 8);

        return ~crc;
    }

    private static uint[][] CreateTables()
    {
        uint[][] tables = new uint[8][];
        for (int t = 0; t < tables.Length; t++)
        {
            tables[t] = new uint[256];
            for (int i = 0; i < 256; i++)
            {
                uint value = t == 0 ? (uint)i : tables[t - 1][i];
                for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;

                tables[t][i] = value;
            }
        }

        return tables;
    }
}
