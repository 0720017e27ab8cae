namespace IlgpuSpp.Data.Tests.Imaging;

/// <summary>Resized images: the source is <see cref="Source"/>; levels from OpenCV 4.6 (INTER_LINEAR) and Pillow 9.4 (BILINEAR), floats from the same on float32, aligned corners from NumPy 1.24 (interp).</summary>
internal static class ResizeSamples
{
    /// <summary>13 x 11 pixels with level (7 x² + 53 y + 91 c + 3 x y) mod 256.</summary>
    public static byte[] Source { get; } = CreateSource();

    public static byte[] OpenCv7x5 { get; } = Convert.FromBase64String("""
        I37ZSqVmoFNWjYLcW16VWWuaiGaWm55Rzk2EXIvJw1F5jzNii0V7todtEm3IUay+nBt2X7oVVIvmeowwzyqFirJAxjCLUKS1yFaxrFGOLnt3kGBGm1y3WZZ8uzuHl4xNl4Rbmj58UYBf
        """);

    public static byte[] Pillow7x5 { get; } = Convert.FromBase64String("""
        Mo2tWJx+n2R3nYiYdIZ1cXF+knGHl4pmm2qDjHyYhoWOiG1+d2l0oH5nWnekZomUhmeFaG55hX6XeGtsi1ZlkoRjp2aEh4aXjm2JfXd3ZmRpfWBhklmrfn+Gk2RzgHeBfnGAillmeWpj
        """);

    public static byte[] OpenCv20x17 { get; } = Convert.FromBase64String("""
        AFu2A165CWTAF3LNK4bhQ57lYr1fh4M+sQxn4z6ZxnV8W7ARmFNPmjyXQYnkg0umozhZXZcTo3hZ8EumGXTPHXjTJH/LM42LR6KFYLKTgYRcp1ZdziyHsl+6l5aee9M0cXdyZ2CaXq+aZXKZbUSBdl
        Y7jWiDoXXQO5bTQJvYSKTEWLNBbrwkiLQ+qkNgxiyH2Viye4zTaru4p+VjTZ2ROIqRh8ZOS5qDO1ygnBduf2CrU67rXbhQY75VbchYftlClZ1LsENm1D+Ks1eyZITacrmQmLR313OPfpBaao9Mu2F1
        gIhZcZJV1E+Rt5mNjeh/gNs2hq88koNHpJVavG5y0TSPsVizhYK2Va2ejKBzpYh9oGa9iGllf2VSjVWkiGdrj3dFr3llvpp0x7h9ou5YqoNgtBFsviV/1D6Z4Fy2aYLSUqeegcc3r2JvmFGnPZLegD
        yRiCqANX3KdUWamDVZYZAYp31d8VunxGp6zU+DxDaRY0qlVWXAb4TRZauDfZRiqVFjbFqcV3+faMJssm2Eu1yFabFkSnqITUWPgzdQiWc/hZU7jEKdlkumkFq1OnDLMYzBUqahepNdhWpdezSNSW+N
        U5B5l5lRqnyZq3WjlpBSVIlpSWuAsSx8mkxQc3QpCWS/E27JJH/aO5bxWLOhesIwo0VZci2IBWC1QZxKgYk3xih8dG/KZnrVvSuGiXc/f6E16WSf0y6JrQhjK4bhN5GeSKNYYbtxf5RpolFYzUGDnV
        izMYjhblp3ekhmVVOsZ6CUaq2QV1+td010kFdGj4ZFZmZzQUKcTqm4WrVvbL4ihqc8pmlcxCWAwFGsmYPBXbLEnEqMizl8LIGSdqJwhKhsN42UW06JeDZobnEtRHxZIHuLcMs1fdg7kc5HrExizTGD
        4E2ocXvWXK6uid5OyXeEumh1XLEhp2tjtmNwa7QvMIJ3LUaekRdlfWU7WrUfkldIoGVWtW1r0kWItE+qfHbFZqSSfaB1sndrkHSsg2aeiE5CeluOfGGfk1tVXHdPWHlgxkGJtkhsk1hJtA9qwx550j
        WQyVKtjHa3Q5muc6JfkX1eoDyWY36xanKkthdwaWSaUXalhy2EeF1HgIE3yXF/skmIkSiD1zKN50Kd4lm0bnjTU52Ya7U9nVRbfkGJK2i+W6xumaBj5Uecm5VjVqlgImGrZjJ8kTdHb5QlRYJyJGG8
        clSvgmXAjH7IXp6QaYtkk15JxkJ8nlmBOZFlfn5bm3R9kXPLmXKCgHlXOYpfjlZ3wTd3jFFDX3pVQJtuEm3IJH/ZPZjTXrlOhnQ8sQxn5D+avXhzWq4Qn01VlkSfPpPuj0qlpUZaX6cVtXxr6EOetR
        BriWo/asUg
        """);

    public static byte[] Pillow20x17 { get; } = Convert.FromBase64String("""
        AFu2A165CmXAF3LNK4bhQ57lY75fiIM+sQxn4z6ZxnV8W7ARmVRPmjyXQYnkg0umozhZXZgTpHha8EumGXTPHXjTJH/LM46LR6KFYLKTgYVcp1ddziyHs1+6l5eee9M0cXhzaGGaXq+aZHKZbUSBdl
        c7jmiDoXXQO5bTQJvYSaTEWbRBbrwkiLQ+q0Nhxi2I2liyeozTary4qOVjTp6ROIuRh8dOTJqDO1yfnBduf2CrU67rXrlQY75WbchYftlClZ1LsENm1D+Ks1eyZITacrqQmbR42HOPfpBaao9Lu2F2
        gYhZcJJV1E+RuJmNjeh/gNs2h689kYNHpJVavG5y0TSPsVizhYK2Va6ejKBzpYh+oWa9iGhlf2VSjVWliWdrj3dFr3llvpt0x7h9ou5YqoNgtBFsviR/1D+a4Fy2aYLSUqeegcc3r2JvmFGnPZHegD
        uRiSqANn3KdUWZmDVaYZEZp31d8VunxGt6zVCDxDaRY0umVmXAb4TRZauEfZRiqVJjbFqcV3+gaMFssm2Eu1yGabBkSnqITkWQgzdQiWc/hZU7jEKdlkumkFq1OnDLMYzBUqahepNehWpdezSNSW+N
        UpB4lplRqnyZrHWjlpFSVIhpSWt/sSx8mkxQc3QpCWS/E27JJH/aO5bxWLOhesIwo0VZci2IBWC1QZxKgYk3xih8dG/KZnrVvSuGiXc/f6E16WSf0y6JrQhjK4bhN5KeSKNZYbxxf5RpolFYzUGDnV
        izMYjhbll3ekhmVVOsZ6CUa6yQV1+teE10kFdGj4ZFZmdzQUKdTqm4WrVubL4ihqc8p2ldxSWAwFKtmYPBXbLDnEqMizl8LYGTdqJwhKlsOI2VW06JeDZobnAtRXxZIHuLcMs1fdg7kc5HrUxjzTGD
        4E2ocXvWXK6vid5OyXeEumh1XbEhqGxjtmNxa7MvMIJ4LkaekRdlfWY7WrUfkldIoGVWtm1s0kWItE+qfHXFZqWSfqB2sXhskHOsg2aeiE5De1uPe2Gfk1tUXHdPWHlfx0KKtkhsk1hJtA9qxB960z
        WQyVOujHa4Q5muc6Nfkn5foD2WY36xanKktRdxamWaUXamhy2DeF1HgIE2yXF/skmIkSiD1zKN50Kd4lm0bnjTU52ZbLU9nFRbf0GJK2m+W6xumaFj5Uacm5ZkVqlgIWGrZjN8kjdIb5QlRYJyJWK9
        clSvg2XAjH7IX56QaYtllF5KxkJ8nlmBOpFlfn1bm3R9kXPLmXKCgHlXOYpfjlZ4wTd3jVFDYHpVQJtvEm3IJH/aPZjTX7pOhnQ8sQxn5D+avXhzWq4Qn01VlkSfPpPuj0qlpUZbX6cVtX1r6EOetR
        BriWo/asUg
        """);

    public static byte[] OpenCv4x9 { get; } = Convert.FromBase64String("""
        EGvCj3hFj1xXY4gcVbCgwDuWXpl+ryp6mmZPeIuxhVxxm4BRxTqVgZJbt3KChy1WJH/aci2IdG/K6WSfaLwen37EcahxansnrYVjdKSDhl6DujWC3U2ohVV6ioV1jYhDUJLRtXB2kVSdqx9h
        """);

    public static byte[] Pillow4x9 { get; } = Convert.FromBase64String("""
        JH25ind9iHCAhWZ3Zql1oHaGdZ2CgHeIo4Nfl3yYiWqAoHpqmleacn+Mg3uFdGNiSYOtbm18e3KIm1xvfZhfmWicbXyAWGllp2t0jYGRg2l3iFxmrVqZd3iDenCAdWNqaHucl2dsiGt+kWJe
        """);

    public static byte[] OpenCv13x11 { get; } = Convert.FromBase64String("""
        AFu2B2K9HHfSP5r1cMsmrwpl/FeyV7INwBt2N5LtvBdyT6oF8EumNZDrP5r1V7INfdgzsQxn806pQ575ofxXDWjDh+I9D2rFpQBbSaT/asUgd9Itku1IuxZx8k2oN5LtiuVA60ahWrUQ1zKNYr0Y+1
        axov1Yn/pVrwplzSiD+VSvM47pe9Yx0SyHNZDrpwJdJ4LdtRBrUawH+1ax1C+K50KdCGO+N5LtdM8qvxp1GHPOf9o19E+qd9ItCGO+pwJdVK8KCWS/H3rVQ575ddArtRBrA165X7oVySR/QZz3xyJ9
        W7YR/VizrQhjPpn0V7INftk0sw5p9lGsR6L9pgFcE27JjulEF3LNrglkU64JBmG8c84pj+pFuRRv8UynN5Lti+ZB7UijXbgT2zaRZ8IdAVy3qQRfX7oVqANexyJ99E+qL4rleNMuzyqFNI/qpwJdKI
        PetxJtVK8K/1q1uBNu3TiT/1q1L4rlbcgjuRRvE27Je9Yx8UynddArB2K9pwJdVbALEWzHEm3IN5LtasUgqwZh+lWwV7INwh14O5bxwh14V7IN+lWwqwZhasUg
        """);

    public static byte[] Pillow13x11 { get; } = Convert.FromBase64String("""
        AFu2B2K9HHfSP5r1cMsmrwpl/FeyV7INwBt2N5LtvBdyT6oF8EumNZDrP5r1V7INfdgzsQxn806pQ575ofxXDWjDh+I9D2rFpQBbSaT/asUgd9Itku1IuxZx8k2oN5LtiuVA60ahWrUQ1zKNYr0Y+1
        axov1Yn/pVrwplzSiD+VSvM47pe9Yx0SyHNZDrpwJdJ4LdtRBrUawH+1ax1C+K50KdCGO+N5LtdM8qvxp1GHPOf9o19E+qd9ItCGO+pwJdVK8KCWS/H3rVQ575ddArtRBrA165X7oVySR/QZz3xyJ9
        W7YR/VizrQhjPpn0V7INftk0sw5p9lGsR6L9pgFcE27JjulEF3LNrglkU64JBmG8c84pj+pFuRRv8UynN5Lti+ZB7UijXbgT2zaRZ8IdAVy3qQRfX7oVqANexyJ99E+qL4rleNMuzyqFNI/qpwJdKI
        PetxJtVK8K/1q1uBNu3TiT/1q1L4rlbcgjuRRvE27Je9Yx8UynddArB2K9pwJdVbALEWzHEm3IN5LtasUgqwZh+lWwV7INwh14O5bxwh14V7IN+lWwqwZhasUg
        """);

    public static byte[] OpenCvFloat6x5 { get; } = Convert.FromBase64String("""
        T/pEQauq8kFERIxCAAAqQhERA0KUPjNCLNhRQgCAlkJKnw9C5jj8QQAAAUIEAFtCjePoQFVVC0L3OL5AjON8QlVVZULGcZJCC7Y9QmfmhUIPEUJCchwYQrm7+UEkfU9CJMdVQlNVHUJ90p9BBgBeQn
        J300F5LfRB
        """);

    public static byte[] PillowFloat6x5 { get; } = Convert.FromBase64String("""
        EUiNQdf+DULkEl1CPBsyQkKHE0L+ATxCZeJIQvh9T0ID+jFCbiU1Qtd1I0KAu01CyJruQbjjHUKWixNCoEQmQmbwI0INkzdC3LZHQrdtU0KynDhCKa0tQtd1D0LdpCRC01c/QtwtNUI4IypCfbs6Qs
        s7JUJXVC1C
        """);

    public static byte[] PillowCrop5x4 { get; } = Convert.FromBase64String("""
        Ry0wQyzdrULq3iRDMUz6QgCgFkPPkw5DIWoVQ0fZ5ULwXQhDYngEQwyDw0LoOedCWR8YQwzD4kIKXrZCW97oQhCbDUOhDghDj8LcQo/C0kIK1/ZCMmUDQ9UHAUN9sARD7NECQ1yP7UKuxwFDgzr4Qo
        hNq0JNpd1Cw/UsQ6EOqEIMiAdDKdzsQinc4kIUbhxDhB3lQsli4EIyzP9Ccb3YQtcj9UIU7gRDE/0BQxnBwkJI4a5CtQj1QgzDCUOudCNDw9ASQwxjAkMMYw1D86kAQ+tYvEJNcfhCYtjsQm6b00L0
        /OFCcaUJQ6fgt0IoE99C
        """);

    public static byte[] PillowBox5x4 { get; } = Convert.FromBase64String("""
        VmvLQpkhGkNt2+pCnj4dQyjE0EKIs/9CGIYVQ97dDENzhxZDomLmQprDAkN2I/FCpzH1QuY30kJPbuVCnbAHQ2ttyEJmvRZDLGgBQyCl+UI8pg9DF2zzQmTu+EJXbwRDY0ENQy1o2ELMeAVD/+nzQr
        d4ykLd4tdCiN3rQlWOC0NHG+9CFVYRQ8a51EJiRxNDiULsQvDc00Kz7v9CIMHwQi2CBEMGdAdDEmXsQtaEwEIglcxCZZcmQ7rqzUKOLBZD6on/QkYxAENGSgZDriMGQ5SS50LXJgtD+mHwQmFd1kIx
        1flCLZ31Quj2v0Jcz75C
        """);

    public static byte[] Aligned6x5 { get; } = Convert.FromBase64String("""
        AAAAAAAAtkIAADZDAAAoQgAABUMAAGBDZmYiQ2ZmQkLNzLBCAADYQs3ME0MAAAhCzcwGQ2ZmkEIzMyNDAABwQwAAlkIAACZDAIAEQwCAX0MAAGpCAIBAQ5qZ0EIAAO1CAADJQmbmJUMAgBpDZuYMQ8
        3Mz0LNTClDAIAGQwAAw0JmZt9CAIBOQwCAKUMAgARDAAAQQQAAyEIAAD9DAACuQgAAMkOamSZDZmYaQs3MnEJmZilDzcwtQwAAcEIAABdDMzMGQ5qZ9ULNzHBCAAAtQwAAAEEAAMZCAIANQwAA0UIA
        AIdCzUw6QwAAkUIAgCNDZuYbQwCAEEMAANdCZuYBQ83MuUIAAKNCZmalQgAA9UIAAKtCAIALQwAAzUIAAINCAACQQQAA2kIAAEhDAAAEQzMz8UIAAGhCMzPvQmZmH0NmZjZCAACsQpqZ+0LNzFhDzc
        w4Q2Zm9EKamd1CAADUQgAARUMAAABC
        """);

    public static byte[] Aligned20x17Checksum { get; } = Convert.FromBase64String("""
        AAAAAABl5UAAAABAFDjjQAAAAGBDOeVA
        """);

    private static byte[] CreateSource()
    {
        var pixels = new byte[13 * 11 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            int c = i % 3, x = i / 3 % 13, y = i / 39;
            pixels[i] = (byte)((7 * x * x) + (53 * y) + (91 * c) + (3 * x * y));
        }

        return pixels;
    }
}
